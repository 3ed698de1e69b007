"""/labels: what accounts are called, with who called them so."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta
from sqlmodel import Session

from casper_dash.api.admin_v1.action import (
    Action,
    Answer,
    Doing,
    Number,
    Reason,
    in_transaction,
)
from casper_dash.api.admin_v1.draft import MADE
from casper_dash.api.admin_v1.reading import CACHE, PREFIX, Reading
from casper_dash.api.kinds import FLAG, HASH, TEXT, WHOLE, Field, listed, nested, searched
from casper_dash.api.parameters import Parameter
from casper_dash.api.resource import Found, Item, Listing, Resource, Rows
from casper_dash.auth.bodies import Strict
from casper_dash.decisions.labels import LabelValues, label_history, label_of, set_label
from casper_dash.decisions.labels_csv import import_labels, preview_labels
from casper_dash.queries.operation import drafts
from casper_dash.queries.paging import Page
from crawler.models.drafts import (
    LABEL_COMMENT_CHARACTERS,
    LABEL_NAME_CHARACTERS,
    LABEL_SOURCE_CHARACTERS,
)

_ACCOUNT = Parameter("account", HASH, "The account's hash.")
_MOST_FILE = 512 * 1024


@dataclass(frozen=True)
class _Wanted:
    name: str | None = None


def _select(session: Session, wanted: _Wanted, page: Page) -> Rows:
    return Rows(drafts.labels(session, wanted.name, page))


def _find(session: Session, account: str, _now: datetime) -> Found | None:
    label = label_of(session, account)
    history = [dict(row._mapping) for row in label_history(session, account)]
    if not history and label.values == LabelValues():
        return None
    row: dict[str, Any] = {**asdict(label.values), "account_hash": account}
    return Found(row | {"version": label.version, "history": history}, CACHE)


_VALUES = (
    Field("name", TEXT, "What it is called.", nullable=True),
    Field("comment", TEXT, "What is said of it.", nullable=True),
    Field("kind", TEXT, "exchange, foundation, treasury, …", nullable=True),
    Field("source", TEXT, "How this is known.", nullable=True),
    Field("public", FLAG, "Whether readers see name and comment."),
)
_HELD = (Field("account_hash", HASH, "The account."), *_VALUES)
_VERSION = Field("version", WHOLE, "What a change must name; 0: never edited here.")

LABELS = Resource(
    name="label",
    path=f"{PREFIX}/labels",
    description="What an account is called.",
    fields=(*_HELD, _VERSION),
    listing=Listing(
        summary="Labels by account hash",
        parameters=(Parameter("name", searched(LABEL_NAME_CHARACTERS), "Those of this name."),),
        filter=_Wanted,
        select=_select,
        key=("account_hash",),
        descending=False,
    ),
)
LABEL = Resource(
    name="label_history",
    path=f"{PREFIX}/labels",
    description="What an account is called, and was before.",
    fields=(
        *_HELD,
        _VERSION,
        Field("history", listed(nested((*_VALUES, _VERSION, *MADE))), "Newest first."),
    ),
    item=Item(summary="One account's label with its history", find=_find, parameter=_ACCOUNT),
)
READINGS = (Reading(LABELS), Reading(LABEL))


class SetLabel(Strict):
    """The whole label; what is left out becomes empty. `version` is the one that was seen."""

    version: Number
    reason: Reason
    name: Annotated[str, Meta(max_length=LABEL_NAME_CHARACTERS)] | None = None
    comment: Annotated[str, Meta(max_length=LABEL_COMMENT_CHARACTERS)] | None = None
    kind: Annotated[str, Meta(max_length=16)] | None = None
    source: Annotated[str, Meta(max_length=LABEL_SOURCE_CHARACTERS)] | None = None
    public: bool = True


class ImportLabels(Strict):
    """A file with the columns account, name, comment, type, source, public."""

    csv: Annotated[str, Meta(max_length=_MOST_FILE)]
    reason: Reason


def _set(session: Session, doing: Doing, body: SetLabel) -> Answer:
    values = LabelValues(body.name, body.comment, body.kind, body.source, body.public)
    account, deed = doing.path["account"], doing.deed(body.reason)
    return {"version": set_label(session, account, values, deed, seen=body.version)}


def _import(session: Session, doing: Doing, body: ImportLabels) -> Answer:
    preview = preview_labels(session, body.csv)
    return {"changed": import_labels(session, preview, doing.deed(body.reason))}


ACTIONS = (
    Action(
        name="set_label",
        path=f"{PREFIX}/labels/{{account}}/set",
        summary="Saves an account's label",
        body=SetLabel,
        run=in_transaction(_set),
        within=(_ACCOUNT,),
    ),
    Action(
        name="import_labels",
        path=f"{PREFIX}/labels/import",
        summary="Saves every label of a file, or none",
        body=ImportLabels,
        run=in_transaction(_import),
        most_bytes=2 * _MOST_FILE,
    ),
)
