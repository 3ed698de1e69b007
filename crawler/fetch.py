"""Asks nodes for everything that belongs to a block, and joins it. Fewest calls, all verified.

Calls: the block itself; each of its transactions (its result, its staking, its sender's key and
submission time); the list of transfers where there is any transaction; an era's payout on a
switch block; total supply where the protocol lets it change. docs/crawling.md derives each.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from crawler.node.errors import NoNode
from crawler.node.pool import Pool
from crawler.parse.assemble import assemble, too_few_transfers
from crawler.parse.blocks import parse_block
from crawler.parse.errors import ParseError
from crawler.parse.figures import BlockFigures
from crawler.parse.keys import SYSTEM_PUBLIC_KEY
from crawler.parse.records import (
    BlockRecord,
    BlockTransfers,
    EraInfo,
    TransactionHash,
    TransactionRecord,
)
from crawler.parse.registry import REGISTRY_KEY, parse_system_contracts
from crawler.parse.rewards import parse_era_info
from crawler.parse.supply import parse_total_supply
from crawler.parse.transactions import parse_transaction
from crawler.parse.transfers import parse_transfers


@dataclass(frozen=True, slots=True)
class Parent:
    """What a block's predecessor, held already, tells about it."""

    height: int
    total_supply: int
    protocol_version: str


@dataclass(frozen=True, slots=True)
class FetchedBlock:
    """One block and its figures, ready to be stored."""

    block: BlockRecord
    figures: BlockFigures
    node: str
    """Address of the node that gave the block."""


@dataclass(frozen=True, slots=True)
class _Pieces:
    block: BlockRecord
    node: str
    transactions: Sequence[TransactionRecord]
    transfers: BlockTransfers | None
    era_info: EraInfo | None
    total_supply: int | None
    """None: not asked, for the protocol rules out that this block changed it."""


class Fetcher:
    """Fetches blocks of one network through a pool of nodes."""

    def __init__(self, pool: Pool, *, total_supply_uref: str, auction_contract: str | None) -> None:
        self._pool = pool
        self._supply_uref = total_supply_uref
        self._auction = auction_contract

    async def fetch(self, heights: Sequence[int], parent: Parent | None) -> list[FetchedBlock]:
        """Those blocks, in the order of `heights` (rising). All in flight at once.

        `parent` is the block before the first one, if it is held. Where a block cannot be had,
        those before it are answered; raises for the first one: NoNode where no node gives a
        piece, ParseError where its pieces contradict each other.
        """
        tasks = [asyncio.create_task(self._pieces(height)) for height in heights]
        fetched: list[FetchedBlock] = []
        try:
            for task in tasks:
                fetched.append(await self._joined(await task, parent))
                last = fetched[-1]
                parent = Parent(
                    last.block.height, last.figures.total_supply, last.block.protocol_version
                )
        except* (NoNode, ParseError):
            if not fetched:
                raise
        finally:
            for task in tasks:
                task.cancel()
            # waited for, so that nothing of this range is in flight when it is given back
            await asyncio.gather(*tasks, return_exceptions=True)
        return fetched

    async def _joined(self, pieces: _Pieces, parent: Parent | None) -> FetchedBlock:
        supply = pieces.total_supply
        if supply is None:
            supply = await self._carried(pieces.block, parent)
        return FetchedBlock(pieces.block, _join(pieces, supply), pieces.node)

    async def block_hashes(self, height: int) -> dict[str, str]:
        """Node → hash of the block of that height, of every node that can say."""
        blocks = await self._pool.ask_each(
            "chain_get_block", _at(height), partial(_block_at, height), height=height
        )
        return {node: block.hash for node, block in blocks.items()}

    async def _pieces(self, height: int) -> _Pieces:
        block, node = await self._pool.ask_from(
            "chain_get_block", _at(height), partial(_block_at, height), height=height
        )
        async with asyncio.TaskGroup() as group:
            transactions = [
                group.create_task(self._transaction(block, item))
                for item in (*block.mint_lane, *block.other_lanes)
            ]
            transfers = group.create_task(self._transfers(block)) if transactions else None
            pays = block.switch and block.proposer != SYSTEM_PUBLIC_KEY
            era_info = group.create_task(self._era_info(block)) if pays else None
            supply = (
                group.create_task(self.total_supply(block)) if _may_change_supply(block) else None
            )
        sent = [task.result() for task in transactions]
        listed = None if transfers is None else transfers.result()
        if listed is not None and too_few_transfers(block, sent, listed.transfers):
            listed = await self._transfers(block, sent)
        return _Pieces(
            block,
            node,
            sent,
            listed,
            None if era_info is None else era_info.result(),
            None if supply is None else supply.result(),
        )

    async def total_supply(self, block: BlockRecord) -> int:
        """Motes in existence after that block, read at its state root."""
        return await self._pool.ask(
            "query_global_state",
            {"state_identifier": {"BlockHash": block.hash}, "key": self._supply_uref, "path": []},
            parse_total_supply,
            height=block.height,
        )

    async def _carried(self, block: BlockRecord, parent: Parent | None) -> int:
        if (
            parent is not None
            and parent.height == block.height - 1
            # an upgrade may write anything into the state
            and parent.protocol_version == block.protocol_version
        ):
            return parent.total_supply
        return await self.total_supply(block)

    async def _transaction(self, block: BlockRecord, item: TransactionHash) -> TransactionRecord:
        parse = partial(_transaction_of, block, item, await self._auction_contract(block))
        if item.kind == "Deploy":
            params: dict[str, Any] = {"deploy_hash": item.hash}
            return await self._pool.ask("info_get_deploy", params, parse, height=block.height)
        params = {"transaction_hash": {item.kind: item.hash}}
        return await self._pool.ask("info_get_transaction", params, parse, height=block.height)

    async def _auction_contract(self, block: BlockRecord) -> str:
        """The network file's, or what the chain's registry says."""
        if self._auction is None:
            contracts = await self._pool.ask(
                "query_global_state",
                {
                    "state_identifier": {"BlockHash": block.hash},
                    "key": REGISTRY_KEY,
                    "path": [],
                },
                _with_auction,
                height=block.height,
            )
            self._auction = contracts["auction"]
        return self._auction

    async def _transfers(
        self, block: BlockRecord, sent: Sequence[TransactionRecord] = ()
    ) -> BlockTransfers:
        """The block's list; one that lacks a transfer that `sent` made is no answer."""
        return await self._pool.ask(
            "chain_get_block_transfers",
            {"block_identifier": {"Hash": block.hash}},
            partial(_transfers_of, block, sent),
            height=block.height,
        )

    async def _era_info(self, block: BlockRecord) -> EraInfo:
        return await self._pool.ask(
            "chain_get_era_info_by_switch_block",
            {"block_identifier": {"Hash": block.hash}},
            partial(era_info_of, block.era_id, block.hash),
            height=block.height,
        )


def _join(pieces: _Pieces, total_supply: int) -> BlockFigures:
    transfers = () if pieces.transfers is None else pieces.transfers.transfers
    return assemble(pieces.block, pieces.transactions, transfers, pieces.era_info, total_supply)


def _may_change_supply(block: BlockRecord) -> bool:
    """1.x mints at an era's end and nowhere else; 2.x also burns, where there are transactions."""
    if block.height == 0 or block.switch:
        return True
    if block.protocol_version.startswith("1."):
        return False
    return bool(block.mint_lane or block.other_lanes)


def _at(height: int) -> dict[str, dict[str, int]]:
    return {"block_identifier": {"Height": height}}


# An answer that parses can still be the answer to another question: the node lied.


def _block_at(height: int, result: msgspec.Raw) -> BlockRecord | None:
    block = parse_block(result)
    if block is not None and block.height != height:
        raise ParseError("chain_get_block", f"asked for height {height}, got {block.height}")
    return block


def _transaction_of(
    block: BlockRecord, item: TransactionHash, auction: str, result: msgspec.Raw
) -> TransactionRecord | None:
    found = parse_transaction(result, auction_contract=auction, block_hash=block.hash)
    if found is None:
        return None
    if found.hash != item.hash:
        raise ParseError("info_get_transaction", f"asked for {item.hash}, got {found.hash}")
    # executed in another block: this node or the one that gave the block follows a fork
    return found if found.block_hash == block.hash else None


def _with_auction(result: msgspec.Raw) -> dict[str, str]:
    contracts = parse_system_contracts(result)
    if "auction" not in contracts:
        raise ParseError("query_global_state", "the registry names no auction contract")
    return contracts


def era_info_of(era_id: int, block_hash: str, result: msgspec.Raw) -> EraInfo | None:
    """The payout of that era, told by its switch block. Raises ParseError for another's."""
    found = parse_era_info(result)
    if found is not None and (found.block_hash, found.era_id) != (block_hash, era_id):
        raise ParseError(
            "chain_get_era_info_by_switch_block",
            f"asked for era {era_id} of {block_hash}, got {found.era_id} of {found.block_hash}",
        )
    return found


def _transfers_of(
    block: BlockRecord, sent: Sequence[TransactionRecord], result: msgspec.Raw
) -> BlockTransfers | None:
    found = parse_transfers(result)
    if found is None:
        return None
    if found.block_hash != block.hash:
        raise ParseError(
            "chain_get_block_transfers", f"asked for {block.hash}, got {found.block_hash}"
        )
    hashes = {item.hash for item in (*block.mint_lane, *block.other_lanes)}
    for transfer in found.transfers:
        if transfer.transaction_hash not in hashes:
            raise ParseError(
                "chain_get_block_transfers",
                f"block {block.hash} has no transaction {transfer.transaction_hash}",
            )
    if short := too_few_transfers(block, sent, found.transfers):
        raise ParseError("chain_get_block_transfers", f"the list lacks transfers of {min(short)}")
    return found
