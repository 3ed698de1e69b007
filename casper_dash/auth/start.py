"""What must hold, and be done, before people can sign in; and what goes on meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from casper_dash.auth import ceremonies, sessions, throttle
from casper_dash.auth.first import first_start
from casper_dash.auth.place import place_of
from casper_dash.mail import outbox
from casper_dash.mail.sending import sending
from casper_dash.settings import AppSettings
from crawler.database import explain, transact
from crawler.settings import SettingsError

log = structlog.get_logger(__name__)

_TIDY_EVERY_S = 3600
_PATIENCE_S = 10


@contextmanager
def open_for_people(engine: Engine, settings: AppSettings) -> Iterator[None]:
    """Makes the first administrator of the settings, and sends letters until the block ends.

    To be called once, by the main process. Raises SettingsError where production would be unsafe.
    """
    check_safe(settings)
    place = place_of(engine, settings)
    first_start(place)
    with sending(engine, place.keys, settings), _tidying(engine):
        yield


@contextmanager
def _tidying(engine: Engine) -> Iterator[None]:
    """Clears away now and every hour, in a thread, until the block ends."""
    stop = threading.Event()

    def run() -> None:
        while True:
            try:
                transact(engine, lambda session: clear_away(session, datetime.now(UTC)))
            except DBAPIError as error:
                log.warning("what has expired is left", reason=explain(error, engine))
            if stop.wait(_TIDY_EVERY_S):
                return

    thread = threading.Thread(target=run, daemon=True, name="tidy")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_PATIENCE_S)


def check_safe(settings: AppSettings) -> None:
    """Raises SettingsError where production would send cookies or passwords over plain HTTP."""
    if settings.environment != "production":
        return
    if not settings.over_tls:
        raise SettingsError("ADMIN_URL: production needs https://, cookies go over TLS alone")
    if settings.smtp_password and settings.smtp_tls == "none":
        raise SettingsError("SMTP_TLS: production sends no SMTP_PASSWORD without TLS")


def clear_away(session: Session, now: datetime) -> None:
    """Deletes what has ended, expired or faded."""
    sessions.end_stale(session, now)
    ceremonies.clear_away(session, now)
    throttle.forget_old(session, now)
    outbox.clear_away(session, now)
