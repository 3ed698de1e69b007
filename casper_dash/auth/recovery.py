"""Recovery codes: ten, shown once, each good once, for whoever lost the device."""

import re
import secrets
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import Session

from casper_dash.auth.models import RECOVERY_CODE, RecoveryCode
from casper_dash.keys import Keys
from crawler.database import changed_rows

COUNT = 10
_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"  # none is taken for another
_GROUPS = 6
_GROUP = 4
_PURPOSE = "recovery code"
_SEPARATORS = re.compile(r"[\s-]+")


def make_codes(session: Session, keys: Keys, person_id: str) -> list[str]:
    """Ten new codes of 117 random bits, six groups of four; those before count no more."""
    session.execute(delete(RecoveryCode).where(RECOVERY_CODE.person_id == person_id))
    codes = [_new_code() for _ in range(COUNT)]
    rows = [{"person_id": person_id, "code_hash": _hash(keys, person_id, code)} for code in codes]
    session.execute(insert(RecoveryCode), rows)
    return codes


def use_code(session: Session, keys: Keys, person_id: str, code: str, now: datetime) -> bool:
    """Uses the code up; False where it is none of the person's, or was used."""
    unused = (
        RECOVERY_CODE.person_id == person_id,
        RECOVERY_CODE.code_hash == _hash(keys, person_id, code),
        RECOVERY_CODE.used_at.is_(None),
    )
    return changed_rows(session, update(RecoveryCode).where(*unused).values(used_at=now)) > 0


def codes_left(session: Session, person_id: str) -> int:
    """How many of the ten are unused. Reads the primary key."""
    own = (RECOVERY_CODE.person_id == person_id, RECOVERY_CODE.used_at.is_(None))
    question = select(func.count(RECOVERY_CODE.code_hash)).where(*own)
    return int(session.execute(question).scalar_one())


def _new_code() -> str:
    letters = [secrets.choice(_ALPHABET) for _ in range(_GROUPS * _GROUP)]
    return "-".join("".join(letters[at : at + _GROUP]) for at in range(0, len(letters), _GROUP))


def _hash(keys: Keys, person_id: str, code: str) -> str:
    bare = _SEPARATORS.sub("", code).lower()
    return keys.mac(_PURPOSE, f"{person_id}:{bare}")
