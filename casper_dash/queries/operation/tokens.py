"""API tokens with their owners, newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlmodel import Session

from casper_dash.auth.models import API_TOKEN, PERSON

Place = tuple[datetime, str]
"""Of a token in the list: when it was made, and its id."""
_NAMES = ("id", "name", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")


@dataclass(frozen=True)
class Token:
    """A token, and whose it is."""

    id: str
    name: str
    scopes: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    owner: str
    owner_active: bool


def tokens(
    session: Session, *, owner_id: str = "", before: Place | None = None, limit: int = 50
) -> list[Token]:
    """One person's or, for "", everybody's; those after the place `before` in the list only.

    Sorts what it finds, by ix_api_token_person or all: a person has few.
    """
    columns = (*(API_TOKEN[name] for name in _NAMES), PERSON.name.label("owner"), PERSON.state)
    question = select(*columns).where(API_TOKEN.person_id == PERSON.id)
    if owner_id:
        question = question.where(API_TOKEN.person_id == owner_id)
    if before is not None:
        at, token_id = before
        older = or_(API_TOKEN.created_at < at, API_TOKEN.id < token_id)
        question = question.where(API_TOKEN.created_at <= at, older)
    order = (API_TOKEN.created_at.desc(), API_TOKEN.id.desc())
    return [
        Token(
            **{name: row._mapping[name] for name in _NAMES},
            owner=row.owner,
            owner_active=row.state == "active",
        )
        for row in session.execute(question.order_by(*order).limit(limit))
    ]
