"""What operators want of nodes: add, ban, rest, test. Kept in the database, for every process.

Nodes are named as they are shown (`shown_url`), so that no key in an address need be typed or told.
Each function is one change of the caller's session; every pool obeys within seconds.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, func, or_, select
from sqlmodel import Session

from crawler.addresses import check_http_url, shown_url
from crawler.database import changed_rows, read_session, upsert
from crawler.models.nodes import NODE_ORDER, NodeOrder
from crawler.models.table import table_of
from crawler.node.member import Wish, WishKind
from crawler.node.pool import Pool

MOST = 100
"""Orders at a time; every process asks for all of them every few seconds."""
_TEST_LASTS = timedelta(minutes=1)
_LONGEST_SHOWN, _LONGEST_ADDRESS, _LONGEST_REASON, _LONGEST_NAME = 250, 500, 200, 100


class OrderRefused(ValueError):
    """An order that cannot be kept; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Who wants something, why, and when that was."""

    by: str
    reason: str
    at: datetime


def add(session: Session, address: str, ordered: Ordered) -> str:
    """The node joins every pool; the name it is shown by. Raises OrderRefused."""
    try:
        check_http_url(address)
    except ValueError as error:
        raise OrderRefused(str(error)) from None  # its context can show what is masked here
    if len(address) > _LONGEST_ADDRESS:
        raise OrderRefused(f"an address has at most {_LONGEST_ADDRESS} characters")
    url = shown_url(address)
    _keep(session, _wish(url, "add", ordered, address=address))
    return url


def ban(session: Session, url: str, ordered: Ordered, until: datetime | None = None) -> None:
    """The node is asked nothing until then; None: until the order is taken back."""
    _keep(session, _wish(url, "ban", ordered, until))


def rest(session: Session, url: str, ordered: Ordered, until: datetime) -> None:
    """The node is asked nothing until then; what it is being asked now it may still answer."""
    _keep(session, _wish(url, "rest", ordered, until))


def test(session: Session, url: str, ordered: Ordered) -> None:
    """Every process asks the node for its status at once; the rows of `node_state` tell."""
    _keep(session, _wish(url, "test", ordered, ordered.at + _TEST_LASTS))


def take_back(session: Session, url: str, kind: WishKind) -> bool:
    """Ends a ban or a rest, or drops a node that was added; whether there was such an order."""
    order = delete(NodeOrder).where(NODE_ORDER.url == url, NODE_ORDER.kind == kind)
    return changed_rows(session, order) > 0


def wishes(session: Session, now: datetime) -> list[Wish]:
    """Every order that holds now, by node."""
    holds = or_(NODE_ORDER.until.is_(None), NODE_ORDER.until > now)
    question = select(
        NODE_ORDER.url,
        NODE_ORDER.kind,
        NODE_ORDER.reason,
        NODE_ORDER.ordered_by,
        NODE_ORDER.ordered_at,
        NODE_ORDER.until,
        NODE_ORDER.address,
    )
    rows = session.execute(question.where(holds).order_by(NODE_ORDER.url, NODE_ORDER.kind))
    return [Wish(*row) for row in rows]


async def obey(engine: Engine, pool: Pool) -> None:
    """Does with a pool that will not last long what operators want at its start."""
    now = datetime.now(UTC)

    def ask() -> list[Wish]:
        with read_session(engine) as session:
            return wishes(session, now)

    pool.obey(await asyncio.to_thread(ask), now)


def _wish(
    url: str,
    kind: WishKind,
    ordered: Ordered,
    until: datetime | None = None,
    address: str | None = None,
) -> Wish:
    by = ordered.by[:_LONGEST_NAME]
    return Wish(url, kind, ordered.reason, by, ordered.at, until, address)


def _keep(session: Session, wish: Wish) -> None:
    _check(session, wish)
    row = {
        "url": wish.url,
        "kind": wish.kind,
        "address": wish.address,
        "reason": wish.reason,
        "until": wish.until,
        "ordered_by": wish.ordered_by,
        "ordered_at": wish.ordered_at,
    }
    changed = row.keys() - {"url", "kind"}
    upsert(session, NodeOrder, [row], lambda new: {name: new[name] for name in changed})


def _check(session: Session, wish: Wish) -> None:
    if not 0 < len(wish.url) <= _LONGEST_SHOWN:
        raise OrderRefused(f"a node's name has 1 to {_LONGEST_SHOWN} characters")
    if wish.kind != "test" and not wish.reason.strip():
        raise OrderRefused("a reason is needed")
    if len(wish.reason) > _LONGEST_REASON or not wish.reason.isprintable():
        raise OrderRefused(f"a reason is one line of at most {_LONGEST_REASON} characters")
    if wish.until is not None and wish.until <= wish.ordered_at:
        raise OrderRefused("the order would end before it begins")
    session.execute(delete(NodeOrder).where(NODE_ORDER.until <= wish.ordered_at))
    count = select(func.count()).select_from(table_of(NodeOrder))
    if session.execute(count).scalar_one() >= MOST:
        raise OrderRefused(f"there are {MOST} orders already: take some back")
