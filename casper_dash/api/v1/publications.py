"""/api/v1/publications"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from casper_dash.api.caching import GROWING, SETTLED
from casper_dash.api.kinds import TEXT, TIME, WHOLE, Field, choice, either
from casper_dash.api.parameters import Parameter
from casper_dash.api.resource import Found, Item, Listing, Resource, Rows
from casper_dash.queries.paging import Page
from casper_dash.queries.publications import newest_publication, publications

_ONE = Page(limit=1)


@dataclass(frozen=True)
class _All:
    """No parameter restricts them."""


def _select(session: Session, _wanted: _All, page: Page) -> Rows:
    seen = newest_publication(session)
    return Rows(publications(session, None, page), -1 if seen is None else seen)


def _find(session: Session, number: int | str, _now: datetime) -> Found | None:
    named = None if isinstance(number, str) else number
    found = publications(session, named, _ONE)
    return Found(found[0], GROWING if named is None else SETTLED) if found else None


PUBLICATIONS = Resource(
    name="publication",
    path="/api/v1/publications",
    description="A published state of the decisions that circulating supply rests on.",
    fields=(
        Field("id", WHOLE, "Its number; 0: the system's own, which decides nothing."),
        Field("published_at", TIME, "When it was published."),
        Field("published_by", TEXT, "Who published it; null: the system, or an import.", True),
        Field("confirmed_by", TEXT, "The second person, where one was needed.", nullable=True),
        Field("note", TEXT, "What they said of it.", nullable=True),
        Field("restores", WHOLE, "The earlier one that it puts back.", nullable=True),
        Field("decisions", WHOLE, "How many transfers it decides anew."),
        Field("first_era", WHOLE, "The first era of those transfers.", nullable=True),
    ),
    listing=Listing(
        summary="Publications by number",
        parameters=(),
        filter=_All,
        select=_select,
        key=("id",),
    ),
    item=Item(
        summary="One publication",
        find=_find,
        parameter=Parameter(
            "publication",
            either(WHOLE, choice("latest")),
            "A number; or latest, the one that readers see.",
        ),
    ),
)
