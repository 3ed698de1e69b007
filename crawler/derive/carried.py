"""Rows of the older platform give way to what the chain says; approvals go over to it first.

A transfer there has no place in its block: it is found again by block, deploy, both parties and
amount.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Row, delete, select, tuple_
from sqlmodel import Session

from crawler.database import upsert
from crawler.models.chain import BLOCK, NATIVE, TRANSFER, Block
from crawler.models.decisions import Approval
from crawler.models.figures import ERA
from crawler.models.legacy import (
    LEGACY_BLOCK,
    LEGACY_ERA,
    LEGACY_TRANSFER,
    LegacyBlock,
    LegacyEra,
    LegacyTransfer,
)

IMPORTED_PUBLICATION = 1
"""The publication that holds the older platform's approvals."""
_KEYS_A_STATEMENT = 500

_Key = tuple[int, str, str, str, int]
"""Height, deploy hash, sender, receiver, amount."""


def give_way(session: Session, eras: Collection[int]) -> None:
    """Deletes older rows of these eras whose blocks are held, and keeps their approvals.

    What the chain contradicts stays: `contradicted` tells it. The caller holds the derive lock.
    Reads ix_legacy_block_era and ix_legacy_transfer_era.
    """
    _carry_approvals(session, eras)
    same = LEGACY_BLOCK.height == BLOCK.height, LEGACY_BLOCK.hash == BLOCK.hash
    question = select(LEGACY_BLOCK.height).join(Block, same[0]).where(same[1])
    heights = session.execute(question.where(LEGACY_BLOCK.era_id.in_(eras))).scalars().all()
    for part in _pieces(heights):
        session.execute(delete(LegacyBlock).where(LEGACY_BLOCK.height.in_(part)))
    whole = select(ERA.id).where(ERA.id.in_(eras), ERA.complete)
    ids = session.execute(whole).scalars().all()
    session.execute(delete(LegacyEra).where(LEGACY_ERA.id.in_(ids)))


def contradicted(session: Session) -> Iterator[str]:
    """One line for each older row that the held block of its height does not bear out."""
    blocks = select(BLOCK.height).join(LegacyBlock, LEGACY_BLOCK.height == BLOCK.height)
    wrong = blocks.where(LEGACY_BLOCK.hash != BLOCK.hash).order_by(BLOCK.height)
    for height in session.execute(wrong).scalars():
        yield f"block {height}: the older platform had another hash"
    question = (
        select(LEGACY_TRANSFER.height, LEGACY_TRANSFER.deploy_hash, LEGACY_TRANSFER.approved)
        .join(Block, LEGACY_TRANSFER.height == BLOCK.height)
        .order_by(LEGACY_TRANSFER.height, LEGACY_TRANSFER.id)
    )
    for row in session.execute(question):
        lost = ", and its approval is not carried over" if row.approved else ""
        yield f"block {row.height}: holds no such transfer of deploy {row.deploy_hash}{lost}"


def _carry_approvals(session: Session, eras: Collection[int]) -> None:
    older: dict[_Key, list[Row[Any]]] = defaultdict(list)
    held = select(*LEGACY_TRANSFER).join(Block, LEGACY_TRANSFER.height == BLOCK.height)
    for row in session.execute(held.where(LEGACY_TRANSFER.era_id.in_(eras))):
        key = (row.height, row.deploy_hash, row.sender, row.receiver, row.amount)
        older[key].append(row)
    crawled = _crawled(session, {key[0] for key in older})
    # by place: a transfer can be there by its sender's account, and by his purse too
    approved, done = {}, []
    for key, rows in older.items():
        places = crawled.get(key)
        if places:
            # a crawl cut off there left rows twice: an approval must not go with the second
            rows.sort(key=lambda row: (not row.approved, row.id))
            done += [(row.height, row.id) for row in rows]
            for now, row in zip(places, rows, strict=False):
                if row.approved:
                    approved[now.height, now._mapping[TRANSFER.index]] = _approval(now)
    # blocks that were imported again are approved already
    upsert(session, Approval, list(approved.values()), lambda new: {"era_id": new["era_id"]})
    place = tuple_(LEGACY_TRANSFER.height, LEGACY_TRANSFER.id)
    for part in _pieces(done):
        session.execute(delete(LegacyTransfer).where(place.in_(part)))


def _crawled(session: Session, heights: Collection[int]) -> dict[_Key, list[Row[Any]]]:
    """Crawled native transfers by every key that the older platform can have for them."""
    found: dict[_Key, list[Row[Any]]] = defaultdict(list)
    for part in _pieces(sorted(heights)):
        question = (
            select(*TRANSFER)
            .where(TRANSFER.height.in_(part), NATIVE)
            .order_by(TRANSFER.height, TRANSFER.index)
        )
        for row in session.execute(question):
            for sender in _names(row.from_account_hash, row.source):
                for receiver in _names(row.to_account_hash, row.target):
                    key = (row.height, row.deploy_hash, sender, receiver, row.amount)
                    found[key].append(row)
    return found


def _names(account_hash: str | None, purse: str) -> list[str]:
    names = [purse[: len("uref-") + 64]]
    return names if account_hash is None else [f"account-hash-{account_hash}", *names]


def _approval(row: Row[Any]) -> dict[str, Any]:
    return {
        "height": row.height,
        # `index` of a row is a method of tuples
        "index": row._mapping[TRANSFER.index],
        "publication": IMPORTED_PUBLICATION,
        "era_id": row.era_id,
        "approved": True,
    }


def _pieces(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), _KEYS_A_STATEMENT):
        yield keys[start : start + _KEYS_A_STATEMENT]
