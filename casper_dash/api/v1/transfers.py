"""/api/v1/transfers"""

from sqlmodel import Session

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
    whole,
)
from casper_dash.api.parameters import Parameter
from casper_dash.api.resource import Listing, Resource, Rows
from casper_dash.api.v1.account_id import ACCOUNT_HASH
from casper_dash.queries.eras import settled_era
from casper_dash.queries.history import traced_height
from casper_dash.queries.paging import Page
from casper_dash.queries.transfers import KINDS, TransferFilter, transfers

_MOST_INDEX = 2**31 - 1


def _select(session: Session, wanted: TransferFilter, page: Page) -> Rows:
    # asked first: what is stored in between makes them too low, never too high
    traced, era_id = traced_height(session), settled_era(session)
    rows = transfers(session, wanted, page)
    whole_era = wanted.era_id is not None and wanted.era_id <= era_id
    settled = whole_era and all(row["height"] <= traced for row in rows)
    return Rows(rows, traced if wanted.sort == "height" else -1, settled)


TRANSFERS = Resource(
    name="transfer",
    path="/api/v1/transfers",
    description="A successful transfer.",
    fields=(
        Field("height", WHOLE, "The height of its block."),
        Field("index", whole(0, _MOST_INDEX), "Its place among all transfers of the block."),
        Field("era_id", WHOLE, "The era that it is in."),
        Field("kind", choice(*KINDS), "Native, made by a contract, or stake of the auction."),
        Field("deploy_hash", HASH, "The hash of its deploy or transaction."),
        Field("timestamp", TIME, "The time of its block."),
        Field("submitted_at", TIME, "The deploy's or transaction's own time."),
        Field("from_public_key", PUBLIC_KEY, "The sender's public key.", nullable=True),
        Field("from_account_hash", HASH, "The sender's account hash."),
        Field("to_public_key", PUBLIC_KEY, "The receiver's public key.", nullable=True),
        Field("to_account_hash", HASH, "The receiver's; null: a purse alone.", nullable=True),
        Field("source", TEXT, "The purse that paid."),
        Field("target", TEXT, "The purse that was paid."),
        Field("amount", MOTES, "Motes."),
        Field("transfer_id", MOTES, "The number that the sender gave it.", nullable=True),
        Field(
            "depth",
            WHOLE,
            "1: out of a locked account; 2 and 3: further steps from one; 0: none of these."
            " Null until every earlier block is held.",
            nullable=True,
        ),
        Field("approved", FLAG, "Whether it counts as circulating; null: not judged.", True),
        Field("decided_by", TEXT, "Who judged it; null: not told, as on imports.", nullable=True),
        Field("decided_at", TIME, "When it was judged; likewise.", nullable=True),
        Field("reason", TEXT, "Why, in the curator's words; likewise.", nullable=True),
        Field("from_balance", MOTES, "The sender's balance after the block.", nullable=True),
        Field("to_balance", MOTES, "The receiver's balance after the block.", nullable=True),
    ),
    listing=Listing(
        summary="Transfers by place in the chain, or by amount",
        parameters=(
            Parameter("account", ACCOUNT_HASH, "From or to this account."),
            Parameter("direction", choice("in", "out"), "Seen from that account."),
            Parameter("era", WHOLE, "Transfers of this era.", argument="era_id"),
            Parameter("after", TIME, "Not before this time."),
            Parameter("before", TIME, "Before this time."),
            Parameter("min_amount", MOTES, "At least so many motes."),
            Parameter("max_amount", MOTES, "At most so many motes."),
            Parameter("depth", whole(0, 3), "Of this depth."),
            Parameter("deploy_hash", HASH, "Of this deploy or transaction."),
            Parameter("kind", choice(*KINDS, "all"), "Of this kind.", default="native"),
            Parameter("sort", choice("height", "amount"), "What orders them.", default="height"),
        ),
        filter=TransferFilter,
        select=_select,
        key=("height", "index"),
        sorts={"amount": ("amount", "height", "index")},
    ),
)
