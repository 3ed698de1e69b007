"""/api/v1/eras"""

from datetime import datetime

from sqlmodel import Session

from casper_dash.api.caching import GROWING, SETTLED, newest
from casper_dash.api.kinds import FLAG, MOTES, SIGNED_MOTES, TIME, WHOLE, Field, choice, either
from casper_dash.api.parameters import Parameter
from casper_dash.api.resource import Found, Item, Listing, Resource, Rows
from casper_dash.queries.eras import (
    EraFilter,
    era_with_id,
    eras,
    newest_complete_era,
    running_era,
    settled_era,
)
from casper_dash.queries.paging import Page, Row


def _circulating(row: Row) -> int | None:
    if row["publication"] is None:
        return None
    return sum(int(row[f"circulating_{part}"]) for part in ("transfers", "unlocks", "rewards"))


def _is_settled(row: Row) -> bool:
    return bool(row["complete"] and row["final"] and row["publication"] is not None)


def _select(session: Session, wanted: EraFilter, page: Page) -> Rows:
    # asked first: an era completed in between makes it too low, never too high
    settled_to = settled_era(session)
    rows = eras(session, wanted, page)
    unsettled = [row["id"] for row in rows if not _is_settled(row)]
    return Rows(rows, min([settled_to, *(era_id - 1 for era_id in unsettled)]))


def _find(session: Session, era: int | str, now: datetime) -> Found | None:
    if isinstance(era, str):
        row = running_era(session) if era == "current" else newest_complete_era(session)
        return Found(row, newest(row["end"], now)) if row else None
    row = era_with_id(session, era)
    if row is None:
        return None
    return Found(row, SETTLED if _is_settled(row) else GROWING)


ERAS = Resource(
    name="era",
    path="/api/v1/eras",
    description="An era: the sums over its blocks that are held, whole once it is complete.",
    fields=(
        Field("id", WHOLE, "Its number, from 0."),
        Field("complete", FLAG, "Whether it has ended and all its blocks are held."),
        Field("final", FLAG, "Whether no block is missing from genesis to its end."),
        Field("start_block", WHOLE, "Its first block's height."),
        Field("end_block", WHOLE, "Its switch block's height.", nullable=True),
        Field("start", TIME, "Its first block's time."),
        Field("end", TIME, "Its switch block's time.", nullable=True),
        Field("weight", MOTES, "Weight of its validators: the staked supply.", nullable=True),
        Field("total_supply", MOTES, "Total supply at its end, at its start while it runs."),
        Field("deploys", WHOLE, "Deploys or transactions that are no native transfers."),
        Field("transfers", WHOLE, "Native transfers, successful or not."),
        Field("transfer_volume", MOTES, "Motes of its successful native transfers.", nullable=True),
        Field("staked", MOTES, "Motes of add_bid and delegate operations."),
        Field("unstaked", MOTES, "Motes of withdraw_bid and undelegate operations."),
        Field("redelegated", MOTES, "Motes of redelegate operations."),
        Field("validators", WHOLE, "Validators paid.", nullable=True),
        Field("validators_rewards", MOTES, "Motes paid to validators.", nullable=True),
        Field("delegators", WHOLE, "Delegations paid.", nullable=True),
        Field("delegators_rewards", MOTES, "Motes paid to delegators.", nullable=True),
        Field(
            "circulating_supply",
            SIGNED_MOTES,
            "Circulating supply: the sum of the three parts.",
            nullable=True,
            compute=_circulating,
        ),
        Field("circulating_transfers", MOTES, "Approved transfers up to here.", nullable=True),
        Field("circulating_unlocks", MOTES, "Unlocks due up to its end.", nullable=True),
        Field("circulating_rewards", SIGNED_MOTES, "Rewards released up to here.", nullable=True),
        Field("publication", WHOLE, "The publication of the circulating supply.", nullable=True),
    ),
    listing=Listing(
        summary="Eras by id",
        parameters=(
            Parameter("from", WHOLE, "From this era on.", argument="from_id"),
            Parameter("to", WHOLE, "Up to this era.", argument="to_id"),
            Parameter("after", TIME, "Not started before this time."),
            Parameter("before", TIME, "Started before this time."),
            Parameter("complete", FLAG, "Complete eras only, or incomplete ones."),
        ),
        filter=EraFilter,
        select=_select,
        key=("id",),
        ceiling="to_id",
    ),
    item=Item(
        summary="One era",
        find=_find,
        parameter=Parameter(
            "era",
            either(WHOLE, choice("current", "latest")),
            "An id; current, the running one; or latest, the newest complete one.",
        ),
    ),
)
