"""The audit as a chain: each entry's digest is over its content and its predecessor's digest."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import Session

from casper_dash.audit.actor import Actor
from casper_dash.audit.models import AUDIT_ENTRY, AUDIT_HEAD, AuditEntry, AuditHead
from casper_dash.audit.values import canonical
from crawler.database import upsert
from crawler.models.table import table_of

_START = "00" * 32
_BATCH = 200
_HASHED = ("number", "actor_id", "actor_name", "address", "action", "object", "before", "after")


@dataclass(frozen=True)
class Verified:
    """`count` entries from the first on are as they were written; `fault`: what the next one is."""

    count: int
    fault: str | None

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, left out or cut off."""
        return self.fault is None


def record(  # noqa: PLR0913 (what an entry consists of)
    session: Session,
    actor: Actor,
    action: str,
    object: str,
    *,
    before: Any = None,
    after: Any = None,
    reason: str = "",
) -> None:
    """Appends an entry in the caller's transaction, which from here on holds the chain's lock.

    `before` and `after` are what JSON can hold; what is named like a secret in them is masked.
    Raises ValueError where `action`, `object` or `reason` is longer than its column.
    """
    number, previous = _locked_head(session)
    entry = {
        "number": number + 1,
        "at": _milliseconds(datetime.now(UTC)),
        "actor_id": actor.id,
        "actor_name": actor.name,
        "address": actor.address,
        "action": action,
        "object": object,
        "before": canonical(before),
        "after": canonical(after),
        "reason": reason,
    }
    _check_lengths(entry)
    digest = _digest(previous, entry)
    session.execute(insert(AuditEntry).values(**entry, digest=digest))
    head = {"number": number + 1, "digest": digest}
    session.execute(update(AuditHead).where(AUDIT_HEAD.id == 0).values(**head))


def verify(session: Session) -> Verified:
    """Recomputes the whole chain, and holds its end to the head. Reads by primary key.

    One who can write into the database can also write a whole chain anew: keep the newest digest
    elsewhere (each export carries it) to be sure against that.
    """
    count, previous = 0, _START
    for entry in _all(session):
        if entry["number"] != count + 1:
            return Verified(count, f"entry {count + 1} is missing")
        digest = entry.pop("digest")
        if _digest(previous, entry) != digest:
            return Verified(count, f"entry {count + 1} is not as it was written")
        count, previous = count + 1, digest
    head = session.execute(select(AUDIT_HEAD.number, AUDIT_HEAD.digest)).first()
    if (head.number, head.digest) != (count, previous) if head else count:
        return Verified(count, f"the head does not name entry {count} as the newest")
    return Verified(count, None)


def _locked_head(session: Session) -> tuple[int, str]:
    first = {"id": 0, "number": 0, "digest": _START}
    # changes nothing where the row is there, but locks it either way
    upsert(session, AuditHead, [first], lambda new: {"id": new.id})
    question = select(AUDIT_HEAD.number, AUDIT_HEAD.digest).where(AUDIT_HEAD.id == 0)
    row = session.execute(question.with_for_update()).one()
    return row.number, row.digest


def _digest(previous: str, entry: dict[str, Any]) -> str:
    content = [previous, entry["at"].isoformat(), *(entry[name] for name in _HASHED)]
    text = json.dumps([*content, entry["reason"]], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _all(session: Session) -> Iterator[dict[str, Any]]:
    last = 0
    while True:
        question = select(table_of(AuditEntry)).where(AUDIT_ENTRY.number > last)
        rows = session.execute(question.order_by(AUDIT_ENTRY.number).limit(_BATCH)).all()
        for row in rows:
            yield dict(row._mapping)
        if len(rows) < _BATCH:
            return
        last = rows[-1].number


def _check_lengths(entry: dict[str, Any]) -> None:
    for name in ("actor_id", "actor_name", "address", "action", "object", "reason"):
        most: int = AUDIT_ENTRY[name].type.length  # type: ignore[attr-defined]
        if len(entry[name]) > most:
            raise ValueError(f"{name} of an entry has at most {most} characters")


def _milliseconds(time: datetime) -> datetime:
    """As the column keeps it, so that the digest is the same when it is read."""
    return time.replace(microsecond=time.microsecond // 1000 * 1000)
