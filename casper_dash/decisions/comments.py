"""The talk about a transfer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlmodel import Session

from casper_dash.audit import Actor, record
from casper_dash.decisions import curation
from casper_dash.decisions.errors import Refused
from casper_dash.decisions.words import required
from crawler.models.chain import TRANSFER
from crawler.models.drafts import TRANSFER_COMMENT, TransferComment

MOST_CHARACTERS = 1000


def comment(session: Session, place: tuple[int, int], text: str, by: Actor, now: datetime) -> int:
    """Adds to the talk about the transfer at a height and index; the number it got there."""
    found = required("a comment", text, MOST_CHARACTERS)
    height, index = place
    held = select(TRANSFER.height).where(TRANSFER.height == height, TRANSFER.index == index)
    if session.execute(held).first() is None:
        raise Refused(f"there is no transfer {height}/{index}")
    curation.locked(session)
    newest = select(func.max(TRANSFER_COMMENT.number)).where(*_of(place))
    number: int = (session.execute(newest).scalar() or 0) + 1
    written = {"by_id": by.id, "by": by.name, "at": now, "text": found}
    row = {"height": height, "index": index, "number": number, **written}
    session.execute(insert(TransferComment).values(row))
    record(session, by, "transfers.comment", f"transfer {height}/{index}", after=found)
    return number


def comments_on(session: Session, place: tuple[int, int]) -> Sequence[Row[Any]]:
    """The whole talk, oldest first: number, by, at, text. Reads by key."""
    question = select(
        TRANSFER_COMMENT.number, TRANSFER_COMMENT.by, TRANSFER_COMMENT.at, TRANSFER_COMMENT.text
    )
    return session.execute(question.where(*_of(place)).order_by(TRANSFER_COMMENT.number)).all()


def _of(place: tuple[int, int]) -> tuple[Any, Any]:
    return TRANSFER_COMMENT.height == place[0], TRANSFER_COMMENT.index == place[1]
