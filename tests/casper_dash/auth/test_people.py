"""What administrators do to people, and the rule that one of them remains."""

import threading

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from casper_dash.auth import people
from casper_dash.auth.errors import NotAllowed, NotPossible
from casper_dash.auth.invitations import Invitation, cancel, invite, resend
from casper_dash.auth.models import Person as PersonRow
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import sessions_of
from crawler.database import read_session, transact, write_session
from tests.casper_dash.auth.browsing import (
    EMAIL,
    PASSWORD,
    Browser,
    joined,
    letter_to,
    person_of,
    subjects_to,
)
from tests.databases import dump

pytestmark = pytest.mark.anyio
BO = "bo@example.org"


def do(place, change, *arguments):
    return transact(place.engine, lambda session: change(session, *arguments))


def id_of(place, email):
    return next(
        row["id"] for row in dump(place.engine, "person")["person"] if row["email"] == email
    )


async def test_an_invitation_is_a_letter_whose_link_makes_a_person(place, by):
    bo = await joined(place, by, BO, Role.EDITOR)

    person = person_of(bo)
    assert (person.email, person.role) == (BO, Role.EDITOR)
    letter = letter_to(place, BO)
    assert letter.link.startswith("https://dash.example.org/admin/activation#")
    assert "Ana invites you" in letter.paragraphs[0]


@pytest.mark.parametrize("email", [BO, "BO@example.org", EMAIL])
async def test_an_address_is_invited_once_in_whatever_case(place, by, email):
    do(place, invite, place, by, Invitation(BO, "Bo", Role.VIEWER))

    with pytest.raises(NotPossible, match="invited already"):
        do(place, invite, place, by, Invitation(email, "Bo", Role.VIEWER))


@pytest.mark.parametrize(
    "email",
    [
        "",
        "bo",
        "bo@",
        "bo@example.org\nBcc: all@example.org",
        "Bo <bo@example.org>",
        "a@b@c",
        "b o@c",
    ],
)
async def test_what_is_no_address_is_not_invited(place, by, email):
    with pytest.raises(NotPossible, match="no mail address"):
        do(place, invite, place, by, Invitation(email, "Bo", Role.VIEWER))


async def test_a_link_is_good_for_a_day(place, by, clock):
    do(place, invite, place, by, Invitation(BO, "Bo", Role.VIEWER))
    token = letter_to(place, BO).link.partition("#")[2]
    clock.passes(hours=24)

    answer = await Browser(place).ask("activation", {"token": token, "password": PASSWORD})
    assert answer.status_code == 401
    assert "expired" in answer.json()["error"]


async def test_a_link_is_good_once(place, by):
    await joined(place, by, BO, Role.VIEWER)
    token = letter_to(place, BO).link.partition("#")[2]
    for path, body in (
        ("activation/look", {"token": token}),
        ("activation", {"token": token, "password": PASSWORD}),
    ):
        assert (await Browser(place).ask(path, body)).status_code == 401


async def test_a_weak_password_leaves_the_link_good(place, by):
    do(place, invite, place, by, Invitation(BO, "Bo", Role.VIEWER))
    token = letter_to(place, BO).link.partition("#")[2]
    weak = await Browser(place).ask("activation", {"token": token, "password": "password1234"})

    assert weak.status_code == 409
    await Browser(place).activate(letter_to(place, BO).link)


async def test_a_new_letter_ends_the_old_link(place, by, clock):
    do(place, invite, place, by, Invitation(BO, "Bo", Role.VIEWER))
    old = letter_to(place, BO).link.partition("#")[2]
    clock.passes(minutes=1)
    do(place, resend, place, by, id_of(place, BO))

    assert (await Browser(place).ask("activation/look", {"token": old})).status_code == 401
    await Browser(place).activate(letter_to(place, BO).link)


async def test_a_withdrawn_invitation_lets_nobody_in(place, by):
    do(place, invite, place, by, Invitation(BO, "Bo", Role.VIEWER))
    token = letter_to(place, BO).link.partition("#")[2]
    do(place, cancel, by, id_of(place, BO), "a mistake")

    assert (await Browser(place).ask("activation/look", {"token": token})).status_code == 401
    do(place, invite, place, by, Invitation(BO, "Bo", Role.VIEWER))


async def test_a_reset_link_is_no_activation_link(place, by, clock):
    do(place, people.send_reset, place, by, by.id)
    token = letter_to(place, EMAIL).link.partition("#")[2]

    assert (await Browser(place).ask("activation/look", {"token": token})).status_code == 401


async def test_a_new_role_holds_at_once_and_ends_the_sessions(place, by):
    bo = await joined(place, by, BO, Role.EDITOR)
    do(place, people.change_role, by, person_of(bo).id, Role.VIEWER, "less to do")
    assert await bo.who() is None

    bo.place.now.passes(minutes=1)
    await bo.sign_in(email=BO)
    assert person_of(bo).role == Role.VIEWER


async def test_a_dismissed_person_is_out_at_once_and_cannot_come_back(place, by):
    bo = await joined(place, by, BO, Role.EDITOR)
    do(place, people.deactivate, by, person_of(bo).id, "left")
    bo.place.now.passes(minutes=1)

    assert await bo.who() is None
    assert (await bo.sign_in(email=BO)).status_code == 401
    assert (await bo.ask("reset/request", {"email": BO})).status_code == 202
    assert subjects_to(place, BO) == ["You are invited to Casper Dash"]


async def test_the_address_of_who_left_is_free_and_they_come_back_only_while_it_is(place, by):
    bo = await joined(place, by, BO, Role.EDITOR)
    old = person_of(bo).id
    do(place, people.deactivate, by, old, "left")
    do(place, people.reactivate, by, old, "came back")
    bo.place.now.passes(minutes=1)
    assert (await bo.sign_in(email=BO)).status_code == 200
    do(place, people.deactivate, by, old, "left again")
    do(place, invite, place, by, Invitation(BO, "Other Bo", Role.VIEWER))

    with pytest.raises(NotPossible, match="somebody else's"):
        do(place, people.reactivate, by, old, "came back")


async def test_the_last_administrator_stays(place, by):
    await joined(place, by, BO, Role.EDITOR)
    do(place, invite, place, by, Invitation("cy@example.org", "Cy", Role.ADMINISTRATOR))

    with pytest.raises(NotPossible, match="last administrator"):
        do(place, people.deactivate, by, by.id, "")
    with pytest.raises(NotPossible, match="last administrator"):
        do(place, people.change_role, by, by.id, Role.EDITOR, "")


async def test_of_two_administrators_who_dismiss_each_other_at_once_one_stays(place, by):
    bo = person_of(await joined(place, by, BO, Role.ADMINISTRATOR))
    ready = threading.Barrier(2)
    refused = []

    def dismiss(who, whom):
        ready.wait()
        try:
            do(place, people.deactivate, who, whom.id, "")
        except NotPossible:
            refused.append(whom.id)

    threads = [threading.Thread(target=dismiss, args=pair) for pair in ((by, bo), (bo, by))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    with read_session(place.engine) as session:
        assert people.administrators(session) == 1


@pytest.mark.parametrize("engine", [pytest.param("mysql", marks=pytest.mark.mysql)], indirect=True)
async def test_who_dismisses_holds_all_administrators_until_the_end(place, by):
    bo = person_of(await joined(place, by, BO, Role.ADMINISTRATOR))
    with write_session(place.engine) as first, Session(place.engine) as second:
        people.deactivate(first, by, bo.id, "")
        second.execute(text("SET innodb_lock_wait_timeout = 1"))
        with pytest.raises(OperationalError, match="Lock wait timeout") as waited:
            people.deactivate(second, bo, by.id, "")
        second.invalidate()  # no other test gets this connection

    # for the people, not for the audit that comes last
    assert waited.value.statement.startswith("SELECT person.id")


async def test_a_session_of_whoever_is_not_active_is_nobodys_though_it_is_there(place, by, ana):
    with write_session(place.engine) as session:
        session.execute(update(PersonRow).values(state="deactivated"))

    assert await ana.who() is None


async def test_a_lost_device_is_replaced_by_mail_and_enrolment(place, by, clock):
    bo = await joined(place, by, BO, Role.EDITOR)
    clock.passes(minutes=1)
    do(place, people.reset_second_factor, place, by, person_of(bo).id, "phone lost")
    assert await bo.who() is None
    assert (await bo.sign_in(email=BO)).status_code == 401  # the password alone is no way in
    token = letter_to(place, BO).link.partition("#")[2]
    new = "amber-falcon-harbor-77"
    assert (await bo.ask("reset", {"token": token, "password": new})).status_code == 200
    begun = await bo.sign_in(email=BO, password=new, code="")

    assert begun.json()["state"] == "enrol"
    await bo.enrol(begun.json())
    assert await bo.who() == BO


async def test_sessions_are_listed_and_ended_one_by_one_or_all(place, by, ana, clock):
    phone = Browser(place, address="192.0.2.77")
    phone.secret = ana.secret
    phone.headers["user-agent"] = "Phone"
    clock.passes(minutes=1)
    await phone.sign_in()
    clock.passes(minutes=1)
    with read_session(place.engine) as session:
        listed = sessions_of(session, by.id, clock())
    assert [each.device for each in listed] == ["Phone", "Firefox on Linux"]
    do(place, people.end_session, by, by.id, listed[0].id)
    assert await phone.who() is None
    await phone.sign_in()

    assert do(place, people.end_sessions, by, by.id) == 1
    assert await phone.who() is None
    assert await ana.who() == EMAIL


ADMINISTRATION = {
    "people": lambda place, by, target: (people.people, by),
    "invite": lambda place, by, target: (invite, place, by, Invitation("x@y.z", "X", Role.VIEWER)),
    "resend": lambda place, by, target: (resend, place, by, target),
    "cancel": lambda place, by, target: (cancel, by, target, ""),
    "change_role": lambda place, by, target: (people.change_role, by, by.id, Role.VIEWER, ""),
    "rename": lambda place, by, target: (people.rename, by, target, "X"),
    "deactivate": lambda place, by, target: (people.deactivate, by, target, ""),
    "reactivate": lambda place, by, target: (people.reactivate, by, target, ""),
    "reset_second_factor": lambda place, by, target: (
        people.reset_second_factor,
        place,
        by,
        target,
        "",
    ),
    "send_reset": lambda place, by, target: (people.send_reset, place, by, target),
    "end_session": lambda place, by, target: (people.end_session, by, target, "x"),
    "end_sessions": lambda place, by, target: (people.end_sessions, by, target),
}


async def test_nobody_below_an_administrator_administers_others(place, by):
    editor = person_of(await joined(place, by, BO, Role.EDITOR))
    before = dump(place.engine)
    for call in ADMINISTRATION.values():
        with pytest.raises(NotAllowed):
            do(place, *call(place, editor, by.id))

    assert dump(place.engine) == before


async def test_the_list_tells_no_secret(place, by):
    await joined(place, by, BO, Role.VIEWER)
    do(place, invite, place, by, Invitation("cy@example.org", "Cy", Role.EDITOR))
    with write_session(place.engine) as session:
        listed = people.people(session, by)

    assert [(each.name, each.state, each.second_factor) for each in listed] == [
        ("Ana", "active", True),
        ("Ana", "active", True),
        ("Cy", "invited", False),
    ]
    assert listed[2].last_seen_at is None
    assert "argon2" not in str(listed)


async def test_names_are_one_line(place, by):
    do(place, people.rename, by, by.id, "Ana Ó Brien")
    assert person_of_name(place) == "Ana Ó Brien"
    for name in ("", " ", "a\nb", "x" * 101, "\u202eevil"):
        with pytest.raises(NotPossible):
            do(place, people.rename, by, by.id, name)


def person_of_name(place):
    return dump(place.engine, "person")["person"][0]["name"]


@pytest.mark.parametrize(
    ("set_to", "environment", "alone", "two"),
    [
        (None, "production", False, True),
        (None, "development", False, False),
        (True, "development", True, True),
        (False, "production", False, False),
    ],
)
async def test_a_second_person_confirms_in_production_once_there_is_one(
    place, by, set_to, environment, alone, two
):
    settings = place.settings.model_copy(
        update={"environment": environment, "publish_needs_second": set_to}
    )
    assert do(place, people.second_person_confirms, settings) is alone
    await joined(place, by, BO, Role.ADMINISTRATOR)

    assert do(place, people.second_person_confirms, settings) is two
