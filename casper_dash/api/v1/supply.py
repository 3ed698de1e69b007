"""/api/v1/supply"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel import Session

from casper_dash.api.caching import GROWING, SETTLED, newest
from casper_dash.api.kinds import FLAG, MOTES, SIGNED_MOTES, TIME, WHOLE, Field
from casper_dash.api.parameters import Parameter
from casper_dash.api.problems import ParameterError, WrongParameters
from casper_dash.api.resource import Found, Item, Resource
from casper_dash.queries.supply import SupplyFilter, supply


def _wanted(**values: Any) -> SupplyFilter:
    if {"era_id", "at"} <= values.keys():
        error = ParameterError("at", "does not go together with era", "era or at")
        raise WrongParameters(error)
    return SupplyFilter(**values)


def _find(session: Session, wanted: SupplyFilter, now: datetime) -> Found | None:
    found = supply(session, wanted)
    if found is None:
        return None
    if wanted.era_id is None and wanted.at is None:
        return Found(asdict(found), newest(found.timestamp, now))
    # the newest block up to a time may be followed by one that is up to that time too
    past = wanted.at is None or wanted.at < now
    return Found(asdict(found), SETTLED if found.final and past else GROWING)


SUPPLY = Resource(
    name="supply",
    path="/api/v1/supply",
    description="The supply now, at the end of an era, or at a time.",
    fields=(
        Field("era_id", WHOLE, "The era that the circulating supply is of.", nullable=True),
        Field("timestamp", TIME, "The block's or era's time."),
        Field("total", MOTES, "Total supply, of the newest block by then."),
        Field("circulating", SIGNED_MOTES, "Circulating supply: the sum of the three parts.", True),
        Field("staked", MOTES, "Weight of the validators of the era then running.", True),
        Field("transfers", MOTES, "Approved transfers up to that era.", nullable=True),
        Field("unlocks", MOTES, "Unlocks due up to its end.", nullable=True),
        Field("rewards", SIGNED_MOTES, "Rewards released up to it.", nullable=True),
        Field("publication", WHOLE, "The publication of the circulating supply.", True),
        Field("final", FLAG, "Whether all blocks up to there are held and worked out."),
    ),
    item=Item(
        summary="The supply",
        find=_find,
        parameters=(
            Parameter("era", WHOLE, "At the end of this era.", argument="era_id"),
            Parameter("at", TIME, "At this time."),
            Parameter(
                "publication",
                WHOLE,
                "As this publication had it: what was known then. An era that ended later has no"
                " circulating supply in it.",
            ),
        ),
        wanted=_wanted,
    ),
)
