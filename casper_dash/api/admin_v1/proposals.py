"""/proposals and /publications: how a draft becomes what readers see, and comes back."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlmodel import Session

from casper_dash.api.admin_v1.action import (
    Action,
    Answer,
    Doing,
    WithReason,
    in_transaction,
)
from casper_dash.api.admin_v1.background import Begun, begin
from casper_dash.api.admin_v1.draft import MADE
from casper_dash.api.admin_v1.kinds import ID
from casper_dash.api.admin_v1.reading import CACHE, PREFIX, Reading
from casper_dash.api.kinds import (
    FLAG,
    SIGNED_MOTES,
    TEXT,
    TIME,
    WHOLE,
    Field,
    choice,
    listed,
    nested,
)
from casper_dash.api.parameters import Parameter
from casper_dash.api.resource import Found, Item, Listing, Resource, Rows
from casper_dash.api.v1.publications import PUBLICATIONS
from casper_dash.auth.bodies import Nothing
from casper_dash.auth.people import second_person_confirms
from casper_dash.decisions.effects import Effects, EraEffect, draft_effects, proposal_effects
from casper_dash.decisions.errors import Refused
from casper_dash.decisions.proposals import (
    cancel,
    confirm,
    proposal_with,
    propose,
    propose_restoring,
    withdraw,
)
from casper_dash.decisions.publishing import publish
from casper_dash.queries.operation import drafts
from casper_dash.queries.paging import Page
from crawler.database import read_session
from crawler.network import Network

STATES = ("proposed", "approved", "working", "published", "failed", "withdrawn", "rolled_back")
_NUMBER = Parameter("proposal", WHOLE, "The proposal's number.")


@dataclass(frozen=True)
class _Wanted:
    state: str | None = None


def _select(session: Session, wanted: _Wanted, page: Page) -> Rows:
    return Rows(drafts.proposals(session, wanted.state, page))


def _find(session: Session, number: int, _now: datetime) -> Found | None:
    try:
        return Found(dict(proposal_with(session, number)._mapping), CACHE)
    except Refused:
        return None


def _draft_effects(session: Session, _key: None, _now: datetime, network: Network) -> Found:
    return Found(_shown(draft_effects(session, network)), CACHE)


def _effects(session: Session, number: int, _now: datetime, network: Network) -> Found | None:
    try:
        proposal = proposal_with(session, number)
    except Refused:
        return None
    return Found(_shown(proposal_effects(session, network, proposal)), CACHE)


def _shown(effects: Effects) -> dict[str, Any]:
    return {
        "base": effects.base,
        "first_era": effects.first_era,
        "moves": effects.now,
        "biggest": [_era(effect) for effect in effects.biggest],
        "checks": [asdict(check) for check in effects.checks],
    }


def _era(effect: EraEffect) -> dict[str, Any]:
    before = None if effect.before is None else effect.before.circulating
    return {
        "era_id": effect.era_id,
        "before": before,
        "after": effect.after.circulating,
        "moved": effect.moved,
    }


_ERA = nested(
    (
        Field("era_id", WHOLE, "The era."),
        Field("before", SIGNED_MOTES, "Circulating as readers see it.", nullable=True),
        Field("after", SIGNED_MOTES, "Circulating as it would be."),
        Field("moved", SIGNED_MOTES, "The difference."),
    )
)
_CHECK = nested(
    (
        Field("name", TEXT, "What must hold."),
        Field("passed", FLAG, "Whether it does."),
        Field("detail", TEXT, "What was found."),
        Field("blocking", FLAG, "Whether nothing is published that fails it."),
    )
)
_EFFECTS = (
    Field("base", WHOLE, "The publication that readers see now."),
    Field("first_era", WHOLE, "The first era that changes; null: none does.", nullable=True),
    Field("moves", SIGNED_MOTES, "Motes by which the newest era's supply would rise."),
    Field("biggest", listed(_ERA), "Where the difference jumps most."),
    Field("checks", listed(_CHECK), "Every check, those that pass, too."),
)
PROPOSALS = Resource(
    name="proposal",
    path=f"{PREFIX}/proposals",
    description="Staged decisions and a schedule on their way, or a publication to put back.",
    fields=(
        Field("number", WHOLE, "Its number, from 1."),
        Field("state", choice(*STATES), "Where it stands."),
        Field("base", WHOLE, "The publication that readers saw when it was made."),
        Field("restores", WHOLE, "The publication that it puts back.", nullable=True),
        Field("schedule", WHOLE, "The schedule that it brings."),
        Field("decisions", WHOLE, "How many decisions it holds."),
        Field("by_id", ID, "The id of who made it."),
        *MADE,
        Field("confirmed_by", TEXT, "The second person.", nullable=True),
        Field("confirmed_at", TIME, "When they confirmed it.", nullable=True),
        Field("publication", WHOLE, "What it is published as.", nullable=True),
        Field("done", WHOLE, "Rows written while it is published."),
        Field("total", WHOLE, "Rows to write in all; 0: not known yet."),
        Field("cancelled_by", TEXT, "Who asked for it to stop.", nullable=True),
        Field("error", TEXT, "Why it failed.", nullable=True),
        Field("ended_at", TIME, "When it was published, failed or withdrawn.", nullable=True),
    ),
    listing=Listing(
        summary="Proposals by number",
        parameters=(Parameter("state", choice(*STATES), "Those in this state."),),
        filter=_Wanted,
        select=_select,
        key=("number",),
    ),
    item=Item(
        summary="One proposal: ask again while it is working, for its progress",
        find=_find,
        parameter=_NUMBER,
    ),
)
_PUBLICATIONS = replace(PUBLICATIONS, path=f"{PREFIX}/publications")


def readings(network: Network) -> tuple[Reading, ...]:
    """What is read of proposals and publications."""
    of_draft = Resource(
        name="draft_effects",
        path=f"{PREFIX}/draft/effects",
        description="What a proposal of the draft as it is now would change.",
        fields=_EFFECTS,
        item=Item(
            summary="What the draft would change", find=partial(_draft_effects, network=network)
        ),
    )
    of_proposal = Resource(
        name="effects",
        path=f"{PREFIX}/effects",
        description="What a proposal would change, against what readers see now.",
        fields=_EFFECTS,
        item=Item(
            summary="What a proposal would change",
            find=partial(_effects, network=network),
            parameter=_NUMBER,
        ),
    )
    return Reading(PROPOSALS), Reading(of_draft), Reading(of_proposal), Reading(_PUBLICATIONS)


def _propose(session: Session, doing: Doing, body: WithReason) -> Answer:
    needs_second = second_person_confirms(session, doing.place.settings)
    deed = doing.deed(body.reason)
    return _told(session, propose(session, doing.network, deed, needs_second=needs_second))


def _restore(session: Session, doing: Doing, body: WithReason) -> Answer:
    needs_second = second_person_confirms(session, doing.place.settings)
    deed, wanted = doing.deed(body.reason), doing.path["publication"]
    number = propose_restoring(session, doing.network, wanted, deed, needs_second=needs_second)
    return _told(session, number)


def _confirm(session: Session, doing: Doing, body: WithReason) -> Answer:
    confirm(session, doing.path["proposal"], doing.deed(body.reason))
    return _told(session, doing.path["proposal"])


def _withdraw(session: Session, doing: Doing, body: WithReason) -> Answer:
    withdraw(session, doing.path["proposal"], doing.deed(body.reason))
    return _told(session, doing.path["proposal"])


def _cancel(session: Session, doing: Doing, body: WithReason) -> Answer:
    cancel(session, doing.path["proposal"], doing.deed(body.reason))
    return _told(session, doing.path["proposal"])


def _publish(doing: Doing, _body: Nothing) -> Answer:
    engine, number = doing.place.engine, doing.path["proposal"]

    def work(begun: Begun) -> None:
        publish(
            engine,
            doing.network,
            number,
            doing.person.actor,
            clock=doing.place.now,
            progress=lambda _done, _total: begun(),
        )

    begin(f"publish proposal {number}", work)
    with read_session(engine) as session:
        return _told(session, number)


def _told(session: Session, number: int) -> Answer:
    return {"proposal": number, "state": proposal_with(session, number).state}


def _of_proposal(name: str, summary: str, change: Any) -> Action:
    return Action(
        name=f"{name}_proposal",
        path=f"{PREFIX}/proposals/{{proposal}}/{name}",
        summary=summary,
        body=WithReason,
        run=in_transaction(change),
        within=(_NUMBER,),
    )


ACTIONS = (
    Action(
        name="propose",
        path=f"{PREFIX}/proposals/make",
        summary="Freezes what is staged into a proposal",
        body=WithReason,
        run=in_transaction(_propose),
    ),
    _of_proposal("confirm", "A second person's word for a proposal", _confirm),
    _of_proposal("withdraw", "Gives what a proposal holds back to the draft", _withdraw),
    _of_proposal("cancel", "Asks whoever is publishing it to stop", _cancel),
    Action(
        name="publish_proposal",
        path=f"{PREFIX}/proposals/{{proposal}}/publish",
        summary="Begins to publish: the proposal's own path tells the progress",
        body=Nothing,
        run=_publish,
        within=(_NUMBER,),
        status=202,
    ),
    Action(
        name="restore_publication",
        path=f"{PREFIX}/publications/{{publication}}/restore",
        summary="Proposes to put an earlier publication back, under a new id",
        body=WithReason,
        run=in_transaction(_restore),
        within=(Parameter("publication", WHOLE, "The publication to put back."),),
    ),
)
