"""Depth of native transfers: how many hops they are away from a locked account.

1 out of a locked account; else one more than the smallest depth (1 or 2) of any earlier transfer
into the sender's account; else 0. Earlier is by height, then by place in the block.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, select, tuple_, update
from sqlmodel import Session

from crawler.database import upsert
from crawler.models.chain import NATIVE, TRANSFER, Transfer
from crawler.models.figures import ACCOUNT_DEPTH, AccountDepth

Place = tuple[int, int]
"""Height and index of a transfer."""
_KEYS_A_STATEMENT = 500


@dataclass(slots=True)
class Reached:
    """Where an account first received a transfer of depth 1, and of depth 2."""

    first: Place | None = None
    second: Place | None = None

    def depth_out(self) -> int:
        """The depth of a transfer out of this account, later than both."""
        if self.first is not None:
            return 2
        return 0 if self.second is None else 3

    def receive(self, depth: int, place: Place) -> None:
        """Takes note of a transfer of that depth in."""
        if depth == 1 and self.first is None:
            self.first = place
        elif depth == 2 and self.second is None:
            self.second = place


@dataclass(frozen=True, slots=True)
class Hop:
    """What depth needs of one native transfer."""

    place: Place
    sender: str
    receiver: str | None


def depths(
    hops: Iterable[Hop], locked: Collection[str], reached: dict[str, Reached]
) -> dict[Place, int]:
    """Place → depth, for transfers in the chain's order.

    `reached` holds what all earlier transfers left, and is brought up to date.
    """
    found = {}
    for hop in hops:
        sender = reached.get(hop.sender)
        depth = 1 if hop.sender in locked else (sender.depth_out() if sender else 0)
        found[hop.place] = depth
        if depth in (1, 2) and hop.receiver is not None:
            reached.setdefault(hop.receiver, Reached()).receive(depth, hop.place)
    return found


def derive_depths(
    session: Session, locked: Collection[str], after: int, up_to: int, *, limit: int = 2000
) -> int:
    """Gives native transfers above height `after` their depth, up to `up_to` at the most.

    About `limit` rows at a time; the height now reached. Every height to `up_to` must be held,
    and the caller holds the derive lock. Reads the primary key.
    """
    hops = _hops(session, TRANSFER.height > after, TRANSFER.height <= up_to, limit=limit)
    if len(hops) == limit:
        up_to, last = hops[-1].place
        hops += _hops(session, TRANSFER.height == up_to, TRANSFER.index > last)
    reached = _reached(session, {hop.sender for hop in hops} | _receivers(hops))
    known = {account: (state.first, state.second) for account, state in reached.items()}
    _write(session, depths(hops, locked, reached), after, up_to)
    _keep(session, {a: r for a, r in reached.items() if known.get(a) != (r.first, r.second)})
    return up_to


def _hops(
    session: Session, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[Hop]:
    question = (
        select(
            TRANSFER.height, TRANSFER.index, TRANSFER.from_account_hash, TRANSFER.to_account_hash
        )
        .where(NATIVE, *conditions)
        .order_by(TRANSFER.height, TRANSFER.index)
        .limit(limit)
    )
    return [
        Hop((height, index), sender, receiver)
        for height, index, sender, receiver in session.execute(question)
    ]


def _receivers(hops: Iterable[Hop]) -> set[str]:
    return {hop.receiver for hop in hops if hop.receiver is not None}


def _reached(session: Session, accounts: Collection[str]) -> dict[str, Reached]:
    question = select(*ACCOUNT_DEPTH).where(ACCOUNT_DEPTH.account_hash.in_(accounts))
    return {
        row.account_hash: Reached(
            _place(row.first_height, row.first_index), _place(row.second_height, row.second_index)
        )
        for row in session.execute(question)
    }


def _place(height: int | None, index: int | None) -> Place | None:
    return None if height is None or index is None else (height, index)


def _write(session: Session, found: dict[Place, int], after: int, up_to: int) -> None:
    """Most depths are 0: those in one statement, the others by their keys."""
    span = (TRANSFER.height > after, TRANSFER.height <= up_to)
    change = update(Transfer).where(NATIVE)
    session.execute(change.where(*span).values(depth=0))
    key = tuple_(TRANSFER.height, TRANSFER.index)
    for depth in (1, 2, 3):
        places = [place for place, value in found.items() if value == depth]
        for start in range(0, len(places), _KEYS_A_STATEMENT):
            part = places[start : start + _KEYS_A_STATEMENT]
            # the heights as a range too: from many pairs alone SQLite goes through the whole table
            between = TRANSFER.height.between(part[0][0], part[-1][0])
            session.execute(change.where(between, key.in_(part)).values(depth=depth))


def _keep(session: Session, changed: dict[str, Reached]) -> None:
    rows = []
    for account, state in changed.items():
        first, second = state.first or (None, None), state.second or (None, None)
        rows.append(
            {
                "account_hash": account,
                "first_height": first[0],
                "first_index": first[1],
                "second_height": second[0],
                "second_index": second[1],
            }
        )
    columns = ("first_height", "first_index", "second_height", "second_index")
    upsert(session, AccountDepth, rows, lambda new: {name: new[name] for name in columns})


def forget_depths(session: Session, above: int) -> None:
    """Takes back what transfers above that height left behind, before they are worked out anew."""
    table = ACCOUNT_DEPTH
    for height, index in (
        (table.first_height, table.first_index),
        (table.second_height, table.second_index),
    ):
        session.execute(
            update(AccountDepth).where(height > above).values({height.name: None, index.name: None})
        )
    session.execute(
        delete(AccountDepth).where(table.first_height.is_(None), table.second_height.is_(None))
    )
    session.execute(update(Transfer).where(TRANSFER.height > above).values(depth=None))
