"""/people: who may sign in, as administrators see and change them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from sqlmodel import Session

from casper_dash.api.admin_v1.action import (
    Action,
    Answer,
    Doing,
    WithReason,
    in_transaction,
)
from casper_dash.api.admin_v1.caller import CALLER, Caller
from casper_dash.api.admin_v1.kinds import ID
from casper_dash.api.admin_v1.reading import ADMINISTRATORS, PREFIX, Reading
from casper_dash.api.kinds import FLAG, TEXT, TIME, Field, choice
from casper_dash.api.parameters import Parameter
from casper_dash.api.resource import Listing, Resource, Rows
from casper_dash.auth import invitations, people
from casper_dash.auth.bodies import Email, Name, Nothing, Strict
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import Person
from casper_dash.queries.paging import Page, page_of

_PERSON = Parameter("person", ID, "The person's id.")


@dataclass(frozen=True)
class _Wanted:
    caller: Caller = field(default_factory=CALLER.get)


def _select(session: Session, wanted: _Wanted, page: Page) -> Rows:
    everybody = [asdict(each) for each in people.people(session, wanted.caller.person)]
    return Rows(page_of(everybody, ("id",), page))


PEOPLE = Resource(
    name="person",
    path=f"{PREFIX}/people",
    description="Somebody who may sign in, was invited to, or could once.",
    fields=(
        Field("id", ID, "Their id."),
        Field("email", TEXT, "Their mail address."),
        Field("name", TEXT, "Their display name."),
        Field("role", choice(*Role), "Their role."),
        Field("state", TEXT, "invited, active or deactivated."),
        Field("second_factor", FLAG, "Whether they have enrolled one."),
        Field("created_at", TIME, "When they were invited."),
        Field("last_seen_at", TIME, "While a session of theirs is there.", nullable=True),
    ),
    listing=Listing(
        summary="Everybody by id, the deactivated too",
        parameters=(),
        filter=_Wanted,
        select=_select,
        key=("id",),
        descending=False,
    ),
)
READINGS = (Reading(PEOPLE, ADMINISTRATORS),)


class Invite(Strict):
    """Who is to come, and as what."""

    email: Email
    name: Name
    role: Role


class ChangeRole(WithReason):
    """What they are to be."""

    role: Role


def _invite(session: Session, doing: Doing, body: Invite) -> Answer:
    invitation = invitations.Invitation(body.email, body.name, body.role)
    return {"id": invitations.invite(session, doing.place, doing.person, invitation)}


def _role(session: Session, doing: Doing, body: ChangeRole) -> Answer:
    person_id = doing.path["person"]
    people.change_role(session, doing.person, person_id, body.role, body.reason)
    return {"id": person_id, "role": body.role}


def _reset_second_factor(session: Session, doing: Doing, body: WithReason) -> Answer:
    person_id = doing.path["person"]
    people.reset_second_factor(session, doing.place, doing.person, person_id, body.reason)
    return {"id": person_id}


def _send_reset(session: Session, doing: Doing, _body: Nothing) -> Answer:
    people.send_reset(session, doing.place, doing.person, doing.path["person"])
    return {"id": doing.path["person"]}


def _resend(session: Session, doing: Doing, _body: Nothing) -> Answer:
    invitations.resend(session, doing.place, doing.person, doing.path["person"])
    return {"id": doing.path["person"]}


def _end_sessions(session: Session, doing: Doing, _body: Nothing) -> Answer:
    return {"ended": people.end_sessions(session, doing.person, doing.path["person"])}


def _explained(change: Callable[[Session, Person, str, str], None]) -> Callable[..., Answer]:
    def run(session: Session, doing: Doing, body: WithReason) -> Answer:
        change(session, doing.person, doing.path["person"], body.reason)
        return {"id": doing.path["person"]}

    return run


def _of_person(
    name: str, summary: str, body: type[Strict], change: Callable[..., Answer]
) -> Action:
    return Action(
        name=name,
        path=f"{PREFIX}/people/{{person}}/{name.replace('_', '-')}",
        summary=summary,
        body=body,
        run=in_transaction(change),
        need=ADMINISTRATORS,
        within=(_PERSON,),
    )


ACTIONS = (
    Action(
        name="invite",
        path=f"{PREFIX}/people/invite",
        summary="Invites somebody by mail",
        body=Invite,
        run=in_transaction(_invite),
        need=ADMINISTRATORS,
    ),
    _of_person("resend_invitation", "A new link for who was invited", Nothing, _resend),
    _of_person(
        "cancel_invitation",
        "Withdraws an invitation",
        WithReason,
        _explained(invitations.cancel),
    ),
    _of_person("role", "Gives another role, and ends the person's sessions", ChangeRole, _role),
    _of_person(
        "deactivate", "Ends all that a person may do", WithReason, _explained(people.deactivate)
    ),
    _of_person("reactivate", "Lets a person in again", WithReason, _explained(people.reactivate)),
    _of_person("send_reset", "A letter to choose a new password", Nothing, _send_reset),
    _of_person(
        "reset_second_factor",
        "For whoever lost device and codes",
        WithReason,
        _reset_second_factor,
    ),
    _of_person("end_sessions", "Signs a person out everywhere", Nothing, _end_sessions),
)
