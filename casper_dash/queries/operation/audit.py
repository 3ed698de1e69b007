"""What the audit's page needs besides its entries."""

from sqlalchemy import func, select
from sqlmodel import Session

from casper_dash.audit.models import AUDIT_ENTRY, AUDIT_HEAD


def actors(session: Session) -> dict[str, str]:
    """Who ever did something: id → the name that they had last, by name.

    Reads ix_audit_entry_actor, then one row each by primary key.
    """
    last = select(func.max(AUDIT_ENTRY.number)).group_by(AUDIT_ENTRY.actor_id)
    question = select(AUDIT_ENTRY.actor_id, AUDIT_ENTRY.actor_name).where(
        AUDIT_ENTRY.number.in_(last.scalar_subquery())
    )
    rows = session.execute(question.order_by(AUDIT_ENTRY.actor_name, AUDIT_ENTRY.actor_id))
    return {row.actor_id: row.actor_name for row in rows}


def newest_number(session: Session) -> int:
    """Of the chain's last entry; 0 for none. Reads one row."""
    return session.execute(select(AUDIT_HEAD.number).where(AUDIT_HEAD.id == 0)).scalar() or 0
