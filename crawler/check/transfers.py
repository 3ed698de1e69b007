"""Transfers: each in its block, in unbroken order, not more than the block counts; depth anew."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from crawler.check.blocks import BlockProof
from crawler.check.report import Fault
from crawler.derive.depth import Hop, Reached, depths
from crawler.models.chain import BLOCK, TRANSFER
from crawler.models.figures import ACCOUNT_DEPTH, DERIVE_STATE
from crawler.network import Network

_STREAM_ROWS = 5000


class TransferProof:
    """Reads every transfer once, by height and index, beside its block."""

    def __init__(self, network: Network, blocks: BlockProof) -> None:
        self._locked = network.locked_accounts
        self._missing = blocks.listed
        self._eras = blocks.eras
        self._reached: dict[str, Reached] = {}
        self.count = 0

    def faults(self, session: Session) -> Iterator[Fault | str]:
        """Each fault as one line."""
        depth_to = session.execute(select(DERIVE_STATE.depth_to)).scalar_one()
        last: tuple[int, int] = (-1, -1)
        native = 0
        for row, place in _rows(session):
            self.count += 1
            height, index = place
            expected = last[1] + 1 if height == last[0] else 0
            native = native if height == last[0] else 0
            last = place
            if index != expected:
                line = f"transfer {height}/{index}: the block's place {expected} is missing"
                yield Fault(line, (height,))
            yield from _own_block(row, place)
            if row.kind == "native":
                native += 1
                self._add(row)
                if native == (row.block_natives or 0) + 1:
                    yield Fault(f"block {height}: more native transfers than it counts", (height,))
            self._count(height)
            yield from self._depth(row, place, depth_to)
        yield from self._listed()
        yield from self._account_depths(session)

    def _add(self, row: Row[Any]) -> None:
        # of an era without a block there are no sums, and its transfers' blocks are told missing
        if row.era_id in self._eras:
            self._eras[row.era_id].transfer_volume += row.amount

    def _count(self, height: int) -> None:
        missing = self._missing.get(height, 0)
        if missing is not None:
            self._missing[height] = missing - 1
            if missing == 1:
                del self._missing[height]

    def _listed(self) -> Iterator[Fault]:
        for height, missing in self._missing.items():
            if missing is not None:
                which = "missing" if missing > 0 else "too many"
                yield Fault(f"block {height}: {abs(missing)} transfers are {which}", (height,))

    def _depth(self, row: Row[Any], place: tuple[int, int], depth_to: int) -> Iterator[Fault | str]:
        right = None
        if row.kind == "native" and place[0] <= depth_to:
            hop = Hop(place, row.from_account_hash, row.to_account_hash)
            right = depths([hop], self._locked, self._reached)[place]
        if row.depth != right:
            yield f"transfer {place[0]}/{place[1]}: depth {row.depth}, recomputed {right}"

    def _account_depths(self, session: Session) -> Iterator[Fault | str]:
        right = {
            account: (*(state.first or (None, None)), *(state.second or (None, None)))
            for account, state in self._reached.items()
        }
        nothing = (None,) * 4
        for account, *stored in session.execute(select(ACCOUNT_DEPTH.account_hash.table)):
            if tuple(stored) != right.pop(account, nothing):
                yield f"account {account}: first receipts of depth 1 and 2 are not as recomputed"
        for account in right:
            yield f"account {account}: its first receipts of depth 1 and 2 are missing"


def _rows(session: Session) -> Iterator[tuple[Row[Any], tuple[int, int]]]:
    question = (
        select(
            TRANSFER.height,
            TRANSFER.index.label("place"),
            TRANSFER.kind,
            TRANSFER.era_id,
            TRANSFER.timestamp,
            TRANSFER.from_account_hash,
            TRANSFER.to_account_hash,
            TRANSFER.amount,
            TRANSFER.depth,
            BLOCK.era_id.label("block_era"),
            BLOCK.timestamp.label("block_timestamp"),
            BLOCK.transfers.label("block_natives"),
        )
        .join_from(
            TRANSFER.height.table, BLOCK.height.table, TRANSFER.height == BLOCK.height, isouter=True
        )
        .order_by(TRANSFER.height, TRANSFER.index)
    )
    for row in session.execute(question.execution_options(yield_per=_STREAM_ROWS)):
        yield row, (row.height, row.place)


def _own_block(row: Row[Any], place: tuple[int, int]) -> Iterator[Fault | str]:
    if row.block_era is None:
        yield Fault(f"transfer {place[0]}/{place[1]}: its block is not held", place[:1])
    elif (row.era_id, row.timestamp) != (row.block_era, row.block_timestamp):
        line = f"transfer {place[0]}/{place[1]}: era or time is not its block's"
        yield Fault(line, place[:1])
