"""/transfers under review, and what a filter selects of them."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, get_args

from sqlmodel import Session

from casper_dash.api.admin_v1.kinds import PLACE, several
from casper_dash.api.admin_v1.reading import CACHE, PREFIX, Reading
from casper_dash.api.kinds import (
    FLAG,
    HASH,
    MOTES,
    TEXT,
    TIME,
    WHOLE,
    Field,
    choice,
    listed,
    nested,
)
from casper_dash.api.kinds import searched as text_of
from casper_dash.api.parameters import Parameter
from casper_dash.api.resource import Found, Item, Listing, Resource, Rows
from casper_dash.decisions.comments import comments_on
from casper_dash.decisions.history import published_past, staged_past
from casper_dash.decisions.review import Sort, page_of_transfers, reviewed, selected
from casper_dash.decisions.selection import ReviewFilter, Status
from casper_dash.queries.paging import Page
from crawler.models.drafts import LABEL_NAME_CHARACTERS

_SORTS = {"height": ("height", "index"), "amount": ("amount", "height", "index")}


@dataclass(frozen=True)
class _Wanted:
    filter: ReviewFilter
    sort: Sort = "height"


def _wanted(sort: Sort = "height", **values: Any) -> _Wanted:
    return _Wanted(ReviewFilter(**values), sort)


def _select(session: Session, wanted: _Wanted, page: Page) -> Rows:
    found = page_of_transfers(session, wanted.filter, page, wanted.sort)
    return Rows([asdict(each) for each in found])


def _find(session: Session, place: tuple[int, int], _now: datetime) -> Found | None:
    found = reviewed(session, [place])
    if not found:
        return None
    talk = [dict(row._mapping) for row in comments_on(session, place)]
    steps = [dict(row._mapping) for row in staged_past(session, place)]
    said = [dict(row._mapping) for row in published_past(session, place)]
    past = {"talk": talk, "steps": steps, "publications": said}
    return Found(asdict(found[0]) | past, CACHE)


def _count(session: Session, wanted: ReviewFilter, _now: datetime) -> Found:
    found = selected(session, wanted)
    return Found(asdict(found), CACHE)


_FILTERS = (
    Parameter("account", HASH, "Of or to the account of this hash."),
    Parameter("direction", choice("in", "out"), "Seen from the account, or from `label`'s."),
    Parameter("label", text_of(LABEL_NAME_CHARACTERS), "Accounts of this name."),
    Parameter("vault", HASH, "What a locked account's money did over three hops."),
    Parameter("depth", several(WHOLE), "Hops from the vaults.", argument="depths"),
    Parameter("status", several(choice(*get_args(Status))), "Where it stands.", "statuses"),
    Parameter("from_era", WHOLE, "From this era on."),
    Parameter("to_era", WHOLE, "Up to this era."),
    Parameter("min_amount", MOTES, "At least so many motes."),
    Parameter("max_amount", MOTES, "At most so many motes."),
)
_DECIDED = nested(
    (
        Field("decision", TEXT, "approve, reject or defer."),
        Field("by", TEXT, "Who, if it is known.", nullable=True),
        Field("at", TIME, "When, if it is known.", nullable=True),
        Field("reason", TEXT, "Why, if it is known.", nullable=True),
    )
)
_FIELDS = (
    Field("height", WHOLE, "Its block."),
    Field("index", WHOLE, "Its place in the block."),
    Field("era_id", WHOLE, "Its era."),
    Field("timestamp", TIME, "Its block's time."),
    Field("deploy_hash", HASH, "The deploy or transaction."),
    Field("from_account_hash", HASH, "The sender."),
    Field("to_account_hash", HASH, "The receiver; null: a purse of nobody's.", nullable=True),
    Field("from_name", TEXT, "What administrators call the sender.", nullable=True),
    Field("to_name", TEXT, "What administrators call the receiver.", nullable=True),
    Field("source", TEXT, "The purse that paid."),
    Field("target", TEXT, "The purse that was paid."),
    Field("amount", MOTES, "Motes."),
    Field("depth", WHOLE, "Hops from the vaults; null: not worked out.", nullable=True),
    Field("published", _DECIDED, "What readers see.", nullable=True),
    Field("staged", _DECIDED, "What the draft, or the open proposal, says.", nullable=True),
    Field("version", WHOLE, "What a decision on it must name; 0: nothing is staged."),
    Field("proposal", WHOLE, "The proposal that holds what is staged.", nullable=True),
    Field("comments", WHOLE, "How many comments."),
)
_TALK = nested(
    (
        Field("number", WHOLE, "From 1."),
        Field("by", TEXT, "Who."),
        Field("at", TIME, "When."),
        Field("text", TEXT, "What."),
    )
)
_STEP = nested(
    (
        Field("number", WHOLE, "The step."),
        Field("decision", TEXT, "What it left: withdraw: nothing."),
        Field("undoes", WHOLE, "The step that it undid.", nullable=True),
        Field("by", TEXT, "Who."),
        Field("at", TIME, "When."),
        Field("reason", TEXT, "Why."),
    )
)
_SAID = nested(
    (
        Field("publication", WHOLE, "The publication."),
        Field("published_at", TIME, "When it was published."),
        Field("approved", FLAG, "Null: put back to not judged.", nullable=True),
        Field("decided_by", TEXT, "Who, if it is known.", nullable=True),
        Field("decided_at", TIME, "When, if it is known.", nullable=True),
        Field("reason", TEXT, "Why, if it is known.", nullable=True),
    )
)

TRANSFERS = Resource(
    name="reviewed_transfer",
    path=f"{PREFIX}/transfers",
    description="A native transfer as curators see it.",
    fields=_FIELDS,
    listing=Listing(
        summary="Transfers under review",
        parameters=(
            *_FILTERS,
            Parameter("sort", choice(*_SORTS), "By which value.", default="height"),
        ),
        filter=_wanted,
        select=_select,
        key=_SORTS["height"],
        sorts=_SORTS,
    ),
)
TRANSFER = Resource(
    name="transfer_history",
    path=f"{PREFIX}/transfers",
    description="A native transfer with all that was said and decided about it.",
    fields=(
        *_FIELDS,
        Field("talk", listed(_TALK), "Comments, oldest first."),
        Field("steps", listed(_STEP), "What was done to it in the draft, newest first."),
        Field("publications", listed(_SAID), "What was published of it, newest first."),
    ),
    item=Item(
        summary="One transfer with its past",
        find=_find,
        parameter=Parameter("transfer", PLACE, "Its height and index."),
    ),
)
SELECTION = Resource(
    name="selection",
    path=f"{PREFIX}/selection",
    description="What a filter matches now: to be looked at before all of it is decided.",
    fields=(
        Field("transfers", WHOLE, "How many."),
        Field("amount", MOTES, "Their sum in motes."),
        Field("first_era", WHOLE, "The first one's era.", nullable=True),
        Field("last_era", WHOLE, "The last one's era.", nullable=True),
        Field("mark", WHOLE, "The newest step that this has seen."),
        Field("samples", listed(nested(_FIELDS)), "The largest ones."),
    ),
    item=Item(
        summary="How many transfers a filter matches",
        find=_count,
        parameters=_FILTERS,
        wanted=ReviewFilter,
    ),
)
READINGS = (Reading(TRANSFERS), Reading(TRANSFER), Reading(SELECTION))
