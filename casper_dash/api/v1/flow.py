"""/api/v1/flow"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel import Session

from casper_dash.api.caching import GROWING, SETTLED
from casper_dash.api.kinds import FLAG, MOTES, TEXT, WHOLE, Field, listed, nested, whole
from casper_dash.api.parameters import Parameter
from casper_dash.api.problems import ParameterError, WrongParameters
from casper_dash.api.resource import Found, Item, Resource
from casper_dash.api.v1.account_id import ACCOUNT_HASH
from casper_dash.queries.eras import settled_era
from casper_dash.queries.flow import FlowFilter, flow

_MOST_LINKS = 1000
_COVERAGE = nested(
    (Field("links", WHOLE, "How many links."), Field("amount", MOTES, "Their sum in motes."))
)
_NODES = listed(
    nested(
        (
            Field("id", TEXT, "An account hash, or a purse of no account."),
            Field("name", TEXT, "The name that it is known by.", nullable=True),
            Field("amount_in", MOTES, "Motes of the shown links to it."),
            Field("amount_out", MOTES, "Motes of the shown links from it."),
        )
    )
)
_LINKS = listed(
    nested(
        (
            Field("from", TEXT, "A node's id.", compute=lambda link: link["source"]),
            Field("to", TEXT, "A node's id.", compute=lambda link: link["target"]),
            Field("amount", MOTES, "Motes of all its transfers."),
            Field("count", WHOLE, "How many transfers."),
            Field(
                "returning",
                FLAG,
                "Whether it closes a cycle of larger links: the others alone have none.",
            ),
        )
    )
)


def _wanted(**values: Any) -> FlowFilter:
    if not {"era_id", "account"} & values.keys():
        raise WrongParameters(ParameterError("era", "is missing, and so is account", "one of them"))
    return FlowFilter(**values)


def _find(session: Session, wanted: FlowFilter, _now: datetime) -> Found:
    settled = wanted.era_id is not None and wanted.era_id <= settled_era(session)
    return Found(asdict(flow(session, wanted)), SETTLED if settled else GROWING)


FLOW = Resource(
    name="flow",
    path="/api/v1/flow",
    description="Who paid whom in native transfers, the largest sums.",
    fields=(
        Field("nodes", _NODES, "Accounts and purses that a shown link names."),
        Field("links", _LINKS, "The largest links, by falling amount."),
        Field("shown", _COVERAGE, "What these links are."),
        Field("total", _COVERAGE, "What all links are."),
    ),
    item=Item(
        summary="Nodes and links for a flow diagram of an era, an account, or both",
        find=_find,
        parameters=(
            Parameter("era", WHOLE, "Transfers of this era.", argument="era_id"),
            Parameter("account", ACCOUNT_HASH, "Transfers from or to this account."),
            Parameter("limit", whole(1, _MOST_LINKS), "At most so many links.", default="20"),
        ),
        wanted=_wanted,
    ),
)
