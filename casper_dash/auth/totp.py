"""One-time codes by time, RFC 6238: 30 s, six digits, a step early or late, each step once."""

import hmac
import re
from datetime import datetime
from io import BytesIO

import pyotp
import segno
from sqlalchemy import or_, update
from sqlmodel import Session

from casper_dash.auth.models import PERSON, Person
from crawler.database import changed_rows

ISSUER = "Casper Dash"
_STEP_S = 30
_CODE = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """160 random bits, as RFC 4226 recommends, in base 32."""
    return pyotp.random_base32()


def uri(secret: str, email: str) -> str:
    """What authenticator apps read: `otpauth://totp/…`."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def qr_code(text: str) -> str:
    """An SVG of it, without XML declaration, black on white in any theme."""
    svg = BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(svg, kind="svg", scale=5, light="#fff", xmldecl=False, title="QR code")
    return svg.getvalue().decode()


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The step whose code this is, of now, the one before and the one after; None: of none."""
    if not _CODE.fullmatch(code):
        return None
    current = int(now.timestamp()) // _STEP_S
    codes = pyotp.TOTP(secret)
    for step in (current - 1, current, current + 1):
        if hmac.compare_digest(codes.generate_otp(step), code):
            return step
    return None


def use_step(session: Session, person_id: str, step: int) -> bool:
    """Marks a step as used; False where it was, or a later one: of two at once one succeeds."""
    unused = or_(PERSON.totp_step.is_(None), PERSON.totp_step < step)
    mark = update(Person).where(PERSON.id == person_id, unused).values(totp_step=step)
    return changed_rows(session, mark) > 0
