"""/api/v1/validators"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from casper_dash.api.caching import newest
from casper_dash.api.kinds import DECIMAL, MOTES, PUBLIC_KEY, WHOLE, Field, whole
from casper_dash.api.parameters import Parameter
from casper_dash.api.resource import Found, Item, Listing, Resource, Rows
from casper_dash.api.v1.place import PLACE
from casper_dash.queries.paging import Page, page_of
from casper_dash.queries.validators import last_era_of, newest_validator_era, validators

_KEY = ("era_id", "weight", "public_key")


@dataclass(frozen=True)
class _Filter:
    era_id: int | None = None


def _select(session: Session, wanted: _Filter, page: Page) -> Rows:
    # a page that goes on stays in the era of the first one
    era_id = wanted.era_id if page.start is None else page.start[0]
    if era_id is None:
        era_id = newest_validator_era(session)
    found = [] if era_id is None else validators(session, era_id)
    return Rows(page_of(found, _KEY, page))


def _find(session: Session, public_key: str, now: datetime) -> Found | None:
    era_id = last_era_of(session, public_key)
    if era_id is None:
        return None
    row = next(row for row in validators(session, era_id) if row["public_key"] == public_key)
    return Found(row, newest(None, now))


VALIDATORS = Resource(
    name="validator",
    path="/api/v1/validators",
    description="A validator in the newest era that it is one of.",
    fields=(
        Field("public_key", PUBLIC_KEY, "Its public key."),
        Field("era_id", WHOLE, "The era."),
        Field("weight", MOTES, "Motes staked on it in that era, its own and its delegators'."),
        Field("share", DECIMAL, "That of the weight of all, from 0 to 1."),
        Field("rank", whole(1, 2**31 - 1), "Its place by weight, from 1."),
        Field("delegators", WHOLE, "Delegations to it, in the newest era known.", nullable=True),
        Field(
            "rewards",
            MOTES,
            "Motes paid to it and its delegators in the newest era paid; null where its rewards"
            " are not indexed.",
            nullable=True,
        ),
        Field("commission", WHOLE, "Per cent that it keeps of delegators' rewards.", True),
        Field("place", PLACE, "Where its node stands.", nullable=True),
    ),
    listing=Listing(
        summary="Validators by weight",
        parameters=(
            Parameter("era", WHOLE, "Of this era instead of the newest.", argument="era_id"),
        ),
        filter=_Filter,
        select=_select,
        key=_KEY,
    ),
    item=Item(
        summary="One validator",
        find=_find,
        parameter=Parameter("public_key", PUBLIC_KEY, "Its public key."),
    ),
)
