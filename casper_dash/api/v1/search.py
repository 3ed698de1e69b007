"""/api/v1/search"""

from dataclasses import asdict, dataclass

from sqlmodel import Session

from casper_dash.api.kinds import Field, choice, searched, whole
from casper_dash.api.parameters import Parameter
from casper_dash.api.resource import Listing, Resource, Rows
from casper_dash.queries.paging import Page, page_of
from casper_dash.queries.search import search

_KEY = ("place",)
_MOST_HITS = 100


@dataclass(frozen=True)
class _Filter:
    q: str


def _select(session: Session, wanted: _Filter, page: Page) -> Rows:
    hits = search(session, wanted.q)
    rows = [asdict(hit) | {"place": place} for place, hit in enumerate(hits)]
    return Rows(page_of(rows, _KEY, page))


SEARCH = Resource(
    name="hit",
    path="/api/v1/search",
    description="Something that a text names.",
    fields=(
        Field(
            "kind",
            choice("block", "era", "transaction", "account", "validator"),
            "What it is.",
        ),
        Field("id", searched(100), "A height, era, hash or key, as the path of that kind takes."),
        Field("title", searched(200), "What to call it."),
        Field("place", whole(0, _MOST_HITS), "From 0, the likeliest."),
    ),
    listing=Listing(
        summary="What a height, era, hash, key or known name is",
        parameters=(Parameter("q", searched(100), "What is looked for.", required=True),),
        filter=_Filter,
        select=_select,
        key=_KEY,
        descending=False,
    ),
)
