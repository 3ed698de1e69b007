"""/api/v1/blocks"""

from datetime import datetime

from sqlmodel import Session

from casper_dash.api.caching import UNCHANGING, newest
from casper_dash.api.kinds import (
    FLAG,
    HASH,
    MOTES,
    PUBLIC_KEY,
    TEXT,
    TIME,
    WHOLE,
    Field,
    choice,
    either,
)
from casper_dash.api.parameters import Parameter
from casper_dash.api.resource import Found, Item, Listing, Resource, Rows
from casper_dash.queries.blocks import BlockFilter, block_at, block_with_hash, blocks, newest_block
from casper_dash.queries.history import settled_height
from casper_dash.queries.paging import Page

_LATEST = "latest"


def _select(session: Session, wanted: BlockFilter, page: Page) -> Rows:
    # asked first: a block stored in between makes it too low, never too high
    settled_to = settled_height(session)
    return Rows(blocks(session, wanted, page), settled_to)


def _find(session: Session, block: int | str, now: datetime) -> Found | None:
    if block == _LATEST:
        row = newest_block(session)
        return Found(row, newest(row["timestamp"], now)) if row else None
    row = block_at(session, block) if isinstance(block, int) else block_with_hash(session, block)
    return Found(row, UNCHANGING) if row else None


BLOCKS = Resource(
    name="block",
    path="/api/v1/blocks",
    description="A block. The last five figures are those of switch blocks, null elsewhere.",
    fields=(
        Field("height", WHOLE, "Its place in the chain, from 0."),
        Field("hash", HASH, "Its hash."),
        Field("parent_hash", HASH, "The hash of the block before it."),
        Field("era_id", WHOLE, "The era that it is in."),
        Field("timestamp", TIME, "When it was proposed."),
        Field("proposer", PUBLIC_KEY, "Public key of the validator that proposed it."),
        Field("protocol_version", TEXT, "The protocol's version."),
        Field("state_root_hash", HASH, "Root of the global state after it."),
        Field("switch", FLAG, "Whether it ends its era."),
        Field("total_supply", MOTES, "Total supply after it, in motes."),
        Field("deploys", WHOLE, "Deploys or transactions in it that are no native transfers."),
        Field("transfers", WHOLE, "Native transfers in it, successful or not."),
        Field("staked", MOTES, "Motes of its add_bid and delegate operations."),
        Field("unstaked", MOTES, "Motes of its withdraw_bid and undelegate operations."),
        Field("redelegated", MOTES, "Motes of its redelegate operations."),
        Field("next_era_weight", MOTES, "Weight of the next era's validators.", nullable=True),
        Field("validators", WHOLE, "Validators paid.", nullable=True),
        Field("validators_rewards", MOTES, "Motes paid to validators.", nullable=True),
        Field("delegators", WHOLE, "Delegations paid.", nullable=True),
        Field("delegators_rewards", MOTES, "Motes paid to delegators.", nullable=True),
    ),
    listing=Listing(
        summary="Blocks by height",
        parameters=(
            Parameter("era", WHOLE, "Blocks of this era.", argument="era_id"),
            Parameter("from", WHOLE, "From this height on.", argument="from_height"),
            Parameter("to", WHOLE, "Up to this height.", argument="to_height"),
            Parameter("after", TIME, "Not before this time."),
            Parameter("before", TIME, "Before this time."),
            Parameter("proposer", PUBLIC_KEY, "Blocks that this validator proposed."),
            Parameter("switch", FLAG, "Switch blocks only, or none of them."),
        ),
        filter=BlockFilter,
        select=_select,
        key=("height",),
        ceiling="to_height",
    ),
    item=Item(
        summary="One block",
        find=_find,
        parameter=Parameter(
            "block", either(WHOLE, HASH, choice(_LATEST)), "A height, a hash, or latest."
        ),
    ),
)
