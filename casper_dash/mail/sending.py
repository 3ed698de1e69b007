"""Sends what is due in the outbox, one letter after the other, and tries again what failed."""

import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog
from emails.message import Message
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from casper_dash.keys import Keys, SealBroken
from casper_dash.mail import outbox
from casper_dash.mail.letter import Letter
from casper_dash.settings import AppSettings
from crawler.database import explain, read_session, transact

log = structlog.get_logger(__name__)

_TIMEOUT_S = 20
_EVERY_S = 5.0
_NEVER = range(500, 600)


class SendingFailed(Exception):
    """The server did not take it; `for_good`: it never will."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.for_good = for_good


def send_due(engine: Engine, keys: Keys, settings: AppSettings, now: datetime) -> int:
    """How many letters were sent. Without SMTP_HOST all wait in the outbox, until they expire."""
    count = 0
    while settings.smtp_host and _anything_due(engine, now):
        claimed = transact(engine, lambda session: outbox.claim(session, now))
        if claimed is not None:
            count += _try(engine, keys, settings, claimed, now)
    return count


def _anything_due(engine: Engine, now: datetime) -> bool:
    # looks before it writes: on SQLite whoever writes holds all others up
    with read_session(engine) as session:
        return outbox.first_due(session, now) is not None


@contextmanager
def sending(
    engine: Engine, keys: Keys, settings: AppSettings, *, every_s: float = _EVERY_S
) -> Iterator[None]:
    """Sends what is due every few seconds, in a thread, until the block ends."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(every_s):
            try:
                send_due(engine, keys, settings, datetime.now(UTC))
            except DBAPIError as error:
                log.warning("outbox cannot be read", reason=explain(error, engine))
            except Exception:
                log.exception("letters are not sent")  # and the next ones are tried

    thread = threading.Thread(target=run, daemon=True, name="mail")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_TIMEOUT_S)


def send(letter: Letter, settings: AppSettings) -> None:
    """Hands one letter to the mail server. Raises SendingFailed."""
    message = Message(
        subject=letter.subject,
        mail_from=settings.sender,
        mail_to=letter.recipient,
        text=letter.text(),
        html=letter.html(),
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        with _server(settings) as server:
            server.sendmail(settings.sender, [letter.recipient], message.as_bytes())
    except smtplib.SMTPResponseException as error:
        reason = f"{error.smtp_code} {_line(error.smtp_error)}"
        raise SendingFailed(reason, for_good=error.smtp_code in _NEVER) from error
    except smtplib.SMTPRecipientsRefused as error:
        code, told = next(iter(error.recipients.values()))
        raise SendingFailed(f"{code} {_line(told)}", for_good=code in _NEVER) from error
    except (smtplib.SMTPException, OSError) as error:
        raise SendingFailed(_line(str(error)) or type(error).__name__) from error


def _try(
    engine: Engine,
    keys: Keys,
    settings: AppSettings,
    claimed: tuple[str, str, int],
    now: datetime,
) -> int:
    letter_id, body, attempts = claimed
    try:
        send(outbox.opened(keys, body), settings)
    except SealBroken as error:
        told = str(error)
        transact(engine, lambda session: outbox.refused(session, letter_id, told))
        log.warning("letter cannot be read", letter=letter_id, reason=told)
        return 0
    except SendingFailed as error:
        told, for_good = str(error), error.for_good
        log.warning("letter not sent", letter=letter_id, attempt=attempts + 1, reason=told)
        if for_good:
            transact(engine, lambda session: outbox.refused(session, letter_id, told))
        else:
            transact(engine, lambda session: outbox.failed(session, letter_id, attempts, told, now))
        return 0
    transact(engine, lambda session: outbox.sent(session, letter_id, now))
    log.info("letter sent", letter=letter_id)
    return 1


def _server(settings: AppSettings) -> smtplib.SMTP:
    """A connection that is signed in. Not the library's own, which takes any certificate."""
    where = (settings.smtp_host, settings.smtp_port)
    if settings.smtp_tls == "tls":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(*where, context=context, timeout=_TIMEOUT_S)
    else:
        server = smtplib.SMTP(*where, timeout=_TIMEOUT_S)
    try:
        if settings.smtp_tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        server.close()
        raise
    return server


def _line(text: str | bytes) -> str:
    decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(decoded.split())
