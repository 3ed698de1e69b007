"""/audit: who did what, newest first."""

from dataclasses import asdict
from typing import Any

from sqlmodel import Session

from casper_dash.api.admin_v1.kinds import ID, RECORDED
from casper_dash.api.admin_v1.reading import PREFIX, Reading
from casper_dash.api.kinds import HASH, TEXT, TIME, WHOLE, Field, searched
from casper_dash.api.parameters import Parameter
from casper_dash.api.problems import ParameterError, WrongParameters
from casper_dash.api.resource import Listing, Resource, Rows
from casper_dash.audit import Wanted, entries
from casper_dash.queries.paging import Page


def _select(session: Session, wanted: Wanted, page: Page) -> Rows:
    if not page.descending:
        wrong = ParameterError("order", "the audit is told newest first", "desc")
        raise WrongParameters(wrong)
    before: Any = page.start[0] if page.start else None
    return Rows(
        [asdict(each) for each in entries(session, wanted, before=before, limit=page.limit)]
    )


AUDIT = Resource(
    name="audit_entry",
    path=f"{PREFIX}/audit",
    description="What somebody did; no entry is ever changed.",
    fields=(
        Field("number", WHOLE, "Its place, from 1."),
        Field("at", TIME, "When."),
        Field("actor_id", ID, "The id of who did it."),
        Field("actor_name", TEXT, "Their name at that time."),
        Field("address", TEXT, "The address that they asked from."),
        Field("action", TEXT, "What was done."),
        Field("object", TEXT, "To what."),
        Field("before", RECORDED, "What stood there; null: nothing."),
        Field("after", RECORDED, "What stands there; null: nothing."),
        Field("reason", TEXT, "Why."),
        Field("digest", HASH, "Over the entry and the digest of the one before."),
    ),
    listing=Listing(
        summary="Entries by number, newest first",
        parameters=(
            Parameter("actor", ID, "Those of the person with this id."),
            Parameter("action", searched(60), "Those of this action."),
            Parameter("object", searched(200), "Those whose object begins so."),
            Parameter("address", searched(45), "Those from this address."),
            Parameter("text", searched(100), "Those that hold this anywhere."),
            Parameter("after", TIME, "Not before this time.", argument="since"),
            Parameter("before", TIME, "Before this time.", argument="until"),
        ),
        filter=Wanted,
        select=_select,
        key=("number",),
    ),
)
READINGS = (Reading(AUDIT),)
