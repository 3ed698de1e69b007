"""The brake on guessing: each failure beyond the first few makes the next attempt wait longer.

An attempt is counted before it is looked at, so that many at once get no further than one after
the other. Waits are bounded and fade: nobody can lock an owner out for good.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlmodel import Session

from casper_dash.auth.models import ATTEMPT, Attempt
from crawler.database import upsert

_LONGEST = timedelta(minutes=15)
_HALVES_EVERY = timedelta(minutes=15)
_FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Subject:
    """What is counted: an account, a device of its owner's, or an address.

    The first `free` failures cost no wait.
    """

    kind: str
    name: str
    free: int = 5

    @property
    def key(self) -> str:
        """Under this it is stored: what was typed as an address may be a password."""
        return hashlib.sha256(f"{self.kind}:{self.name}".encode()).hexdigest()


def take(session: Session, subjects: list[Subject], now: datetime) -> timedelta | None:
    """Counts an attempt of all subjects, or says how long to wait and counts nothing."""
    rows = {}
    for subject in sorted(subjects, key=lambda each: each.key):  # one order: no deadlock
        rows[subject] = _locked(session, subject.key, now)
    wait = max(free_at - now for _failures, _last_at, free_at in rows.values())
    if wait > timedelta(0):
        return wait
    for subject, (failures, last_at, _free_at) in rows.items():
        counted = faded(failures, now - last_at) + 1
        change = {"failures": counted, "last_at": now, "free_at": now + delay(counted, subject)}
        session.execute(update(Attempt).where(ATTEMPT.subject == subject.key).values(**change))
    return None


def forgive(session: Session, subject: Subject) -> None:
    """Forgets the failures: the owner was right in the end."""
    session.execute(delete(Attempt).where(ATTEMPT.subject == subject.key))


def give_back(session: Session, subject: Subject) -> None:
    """Takes back the one attempt that was counted last: it was none."""
    fewer = {"failures": ATTEMPT.failures - 1, "free_at": ATTEMPT.last_at}
    counted = (ATTEMPT.subject == subject.key, ATTEMPT.failures > 0)
    session.execute(update(Attempt).where(*counted).values(**fewer))


def forget_old(session: Session, now: datetime) -> None:
    """Deletes what has faded. Reads ix_attempt_last."""
    session.execute(delete(Attempt).where(ATTEMPT.last_at < now - _FORGOTTEN_AFTER))


def delay(failures: int, subject: Subject) -> timedelta:
    """0 up to the free ones, then 1, 2, 4 … seconds, at most a quarter of an hour."""
    beyond = failures - subject.free
    if beyond <= 0:
        return timedelta(0)
    return min(_LONGEST, timedelta(seconds=2 ** min(beyond - 1, 10)))


def faded(failures: int, since: timedelta) -> int:
    """What is left of failures after that time: half each quarter of an hour."""
    return failures >> min(max(since // _HALVES_EVERY, 0), 64)


def _locked(session: Session, key: str, now: datetime) -> tuple[int, datetime, datetime]:
    row = {"subject": key, "failures": 0, "last_at": now, "free_at": now}
    # changes nothing where the row is there, but locks it either way
    upsert(session, Attempt, [row], lambda new: {"subject": new.subject})
    question = select(ATTEMPT.failures, ATTEMPT.last_at, ATTEMPT.free_at)
    found = session.execute(question.where(ATTEMPT.subject == key).with_for_update()).one()
    return found.failures, found.last_at, found.free_at
