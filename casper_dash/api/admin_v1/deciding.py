"""/draft/decide, …-matching and undo, and the talk about transfers."""

from typing import Annotated

from msgspec import Meta
from sqlmodel import Session

from casper_dash.api.admin_v1.action import (
    Action,
    Answer,
    Doing,
    Motes,
    Number,
    Reason,
    in_transaction,
)
from casper_dash.api.admin_v1.kinds import PLACE
from casper_dash.api.admin_v1.reading import PREFIX
from casper_dash.api.parameters import Parameter
from casper_dash.auth.bodies import Strict
from casper_dash.decisions.comments import MOST_CHARACTERS, comment
from casper_dash.decisions.review import Selected
from casper_dash.decisions.selection import ReviewFilter, Status
from casper_dash.decisions.staging import MOST, Decision, Seen, Step, stage, stage_matching, undo
from crawler.models.drafts import LABEL_NAME_CHARACTERS


class SeenTransfer(Strict):
    """A transfer as its curator saw it."""

    height: Number
    index: Number
    version: Number


class Decide(Strict):
    """The same decision on some transfers."""

    transfers: Annotated[list[SeenTransfer], Meta(min_length=1, max_length=MOST)]
    decision: Decision
    reason: Reason


class Filter(Strict):
    """As the parameters of `/transfers`."""

    account: Annotated[str, Meta(max_length=64)] | None = None
    direction: Annotated[str, Meta(pattern="^(in|out)$")] | None = None
    label: Annotated[str, Meta(max_length=LABEL_NAME_CHARACTERS)] | None = None
    vault: Annotated[str, Meta(max_length=64)] | None = None
    depths: Annotated[tuple[Number, ...], Meta(max_length=20)] = ()
    statuses: Annotated[tuple[Status, ...], Meta(max_length=5)] = ()
    from_era: Number | None = None
    to_era: Number | None = None
    min_amount: Motes | None = None
    max_amount: Motes | None = None


class DecideMatching(Strict):
    """The same decision on all that a filter matches, if it is what `/selection` showed."""

    filter: Filter
    transfers: Number
    amount: Motes
    mark: Number
    decision: Decision
    reason: Reason


class Undo(Strict):
    """A step that is to be undone."""

    step: Number
    reason: Reason


class Comment(Strict):
    """What is to be said."""

    text: Annotated[str, Meta(min_length=1, max_length=MOST_CHARACTERS)]


def _decide(session: Session, doing: Doing, body: Decide) -> Answer:
    seen = [Seen(each.height, each.index, each.version) for each in body.transfers]
    return _told(stage(session, seen, body.decision, doing.deed(body.reason)))


def _decide_matching(session: Session, doing: Doing, body: DecideMatching) -> Answer:
    shown = Selected(body.transfers, int(body.amount), None, None, (), body.mark)
    wanted = _filter_of(body.filter)
    return _told(stage_matching(session, wanted, shown, body.decision, doing.deed(body.reason)))


def _filter_of(given: Filter) -> ReviewFilter:
    values = {name: getattr(given, name) for name in given.__struct_fields__}
    for name in ("min_amount", "max_amount"):
        values[name] = None if values[name] is None else int(values[name])
    return ReviewFilter(**values)


def _undo(session: Session, doing: Doing, body: Undo) -> Answer:
    return _told(undo(session, body.step, doing.deed(body.reason)))


def _comment(session: Session, doing: Doing, body: Comment) -> Answer:
    place = doing.path["transfer"]
    return {"number": comment(session, place, body.text, doing.person.actor, doing.now)}


def _told(step: Step) -> Answer:
    return {"step": step.number, "transfers": step.transfers}


ACTIONS = (
    Action(
        name="decide",
        path=f"{PREFIX}/draft/decide",
        summary="Decides on transfers as they were seen, all of them or none",
        body=Decide,
        run=in_transaction(_decide),
        most_bytes=128 * 1024,
    ),
    Action(
        name="decide_matching",
        path=f"{PREFIX}/draft/decide-matching",
        summary="Decides on all that a filter matches, if it is what was shown",
        body=DecideMatching,
        run=in_transaction(_decide_matching),
    ),
    Action(
        name="undo",
        path=f"{PREFIX}/draft/undo",
        summary="Puts back what a step changed, while nobody went on from it",
        body=Undo,
        run=in_transaction(_undo),
    ),
    Action(
        name="comment",
        path=f"{PREFIX}/transfers/{{transfer}}/comment",
        summary="Adds to the talk about a transfer",
        body=Comment,
        run=in_transaction(_comment),
        within=(Parameter("transfer", PLACE, "Its height and index."),),
    ),
)
