"""Who may do what only one process of all machines may do: a lease in the database."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from crawler.database import changed_rows
from crawler.models.work import LEASE, Lease


def hold(session: Session, name: str, owner: str, now: datetime, lasts: timedelta) -> bool:
    """Takes or prolongs the lease; False while another owner's has not run out.

    Two owners that come at once are told apart by the row's key: one inserts, or one's update of
    a lease that ran out finds it changed.
    """
    mine_or_over = or_(LEASE.owner == owner, LEASE.until < now)
    change = update(Lease).where(LEASE.name == name, mine_or_over)
    if changed_rows(session, change.values(owner=owner, until=now + lasts)):
        return True
    if session.execute(select(LEASE.name).where(LEASE.name == name)).first():
        return False
    try:
        with session.begin_nested():
            session.execute(insert(Lease).values(name=name, owner=owner, until=now + lasts))
    except IntegrityError:
        return False
    return True


def give_up(session: Session, name: str, owner: str) -> None:
    """Ends the lease at once, so that another need not wait for its end."""
    session.execute(delete(Lease).where(LEASE.name == name, LEASE.owner == owner))


def holder(session: Session, name: str, now: datetime) -> str | None:
    """The owner of a lease that has not run out."""
    question = select(LEASE.owner).where(LEASE.name == name, LEASE.until >= now)
    return session.execute(question).scalar()
