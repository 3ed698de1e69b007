"""Signing in and out over the plain routes, and what is refused there."""

import math
import re

import pytest
from passlib.hash import argon2
from sqlalchemy import Engine, update

from casper_dash.auth.models import SESSION, Person
from casper_dash.auth.sessions import who
from crawler.database import read_session, write_session
from tests.casper_dash.auth.browsing import EMAIL, PASSWORD, Browser
from tests.databases import dump

pytestmark = pytest.mark.anyio
REFUSED = {"error": "e-mail, password or code is wrong"}


@pytest.fixture
def engine(migrated_sqlite: Engine) -> Engine:
    """test_lives.py does the same on both databases."""
    return migrated_sqlite


async def test_from_the_activation_link_to_a_session(browser, link):
    assert link.startswith("https://dash.example.org/admin/activation#")
    token = link.partition("#")[2]
    invited = await browser.ask("activation/look", {"token": token})
    assert invited.json() == {"email": EMAIL, "name": "ana", "role": "administrator"}
    codes = await browser.activate(link)

    assert len(set(codes)) == 10
    answer = await browser.ask("session", method="GET")
    assert answer.json() == {"email": EMAIL, "name": "Ana", "role": "administrator"}


async def test_signing_out_ends_the_session_on_the_server_too(ana):
    cookie = ana.cookie
    answer = await ana.ask("sign-out", {})

    assert answer.json() == {"state": "signed-out"}
    assert ana.set_cookies[0].startswith("__Host-session=; Path=/; HttpOnly; SameSite=Strict")
    assert await ana.who() is None
    ana.cookies = dict(each.split("=", 1) for each in cookie.split("; "))
    assert await ana.who() is None


async def test_signing_in_again_with_password_and_code(ana):
    await ana.ask("sign-out", {})
    answer = await ana.sign_in()

    assert answer.json() == {"state": "signed-in"}
    assert await ana.who() == EMAIL


async def test_the_address_is_the_same_in_any_case(ana):
    assert (await ana.sign_in(email="ANA@Example.ORG")).status_code == 200


@pytest.mark.parametrize(
    ("email", "password", "code"),
    [
        (EMAIL, "orbit-velvet-quasar-20", None),
        (EMAIL, PASSWORD, "000000"),
        (EMAIL, PASSWORD, ""),
        (EMAIL, "", None),
        ("bo@example.org", PASSWORD, None),
        (EMAIL, PASSWORD.upper(), None),
        (EMAIL, "x" * 200, None),
        ("' OR 1=1 --", PASSWORD, None),
    ],
)
async def test_whatever_is_wrong_the_answer_and_the_work_are_the_same(
    ana, verifications, email, password, code
):
    answer = await ana.sign_in(email, password, code)

    assert answer.status_code == 401
    assert answer.json() == REFUSED
    assert not ana.set_cookies
    assert len(verifications) == 1


async def test_a_code_is_good_once(ana):
    code = ana.code()
    assert (await ana.sign_in(code=code)).status_code == 200

    assert (await ana.sign_in(code=code)).json() == REFUSED


async def test_a_code_of_the_step_before_does_not_count_after_a_later_one(ana, clock):
    before = ana.code()
    clock.passes(seconds=30)
    assert (await ana.sign_in()).status_code == 200

    assert (await ana.sign_in(code=before)).json() == REFUSED


async def test_a_code_typed_with_a_wrong_password_can_be_typed_again(ana):
    await ana.sign_in(password="orbit-velvet-quasar-20")

    assert (await ana.sign_in()).status_code == 200


async def test_a_recovery_code_stands_in_for_the_device_once(browser, link):
    codes = await browser.activate(link)

    assert (await browser.sign_in(code=codes[3].upper().replace("-", " "))).status_code == 200
    assert (await browser.sign_in(code=codes[3])).json() == REFUSED
    assert (await browser.sign_in(code=codes[4])).status_code == 200


async def test_recovery_codes_are_long_enough_for_a_plain_hash(browser, link):
    codes = await browser.activate(link)

    for code in codes:
        assert re.fullmatch(r"([2-9a-hjkmnp-z]{4}-){5}[2-9a-hjkmnp-z]{4}", code)
    assert 24 * math.log2(30) > 112


async def test_cookies_are_out_of_reach_of_scripts_other_sites_and_plain_http(ana):
    await ana.sign_in()

    session, device = ana.set_cookies
    assert session.startswith("__Host-session=")
    assert session.endswith("; Path=/; HttpOnly; SameSite=Strict; Secure")
    assert device.startswith("__Host-device=")
    assert "; HttpOnly; SameSite=Strict; Secure" in device
    assert "Domain" not in session + device


async def test_a_session_that_was_there_before_does_not_live_on_in_the_new_one(ana):
    before = ana.cookies["__Host-session"]
    await ana.sign_in()

    assert ana.cookies["__Host-session"] != before
    ana.cookies = {"__Host-session": before}
    assert await ana.who() is None


async def test_a_session_that_another_put_into_the_browser_is_not_taken_over(ana, place):
    """Fixation: over plain HTTP or from a subdomain anybody can set a cookie without the prefix."""
    victim = Browser(place)
    victim.cookies = {"session": ana.cookies["__Host-session"]}
    assert await victim.who() is None
    victim.secret = ana.secret
    await victim.sign_in()

    assert victim.cookies["__Host-session"] != victim.cookies["session"]


async def test_the_database_holds_no_token_code_or_password_as_it_is(browser, link, engine):
    codes = await browser.activate(link)

    stored = str(dump(engine))
    secrets = [*codes, browser.secret, PASSWORD, link.partition("#")[2], *browser.cookies.values()]
    for secret in secrets:
        assert secret not in stored


async def test_a_session_ends_when_nobody_used_it_for_half_an_hour(ana, clock):
    clock.passes(minutes=28)
    assert await ana.who() == EMAIL
    clock.passes(minutes=2)

    assert await ana.who() is None


async def test_a_session_ends_after_twelve_hours_however_much_it_is_used(ana, clock, place):
    for _ in range(35):
        clock.passes(minutes=20)
        assert who(place.engine, ana.cookie, clock()) is not None
    clock.passes(minutes=20)

    assert await ana.who() is None


async def test_what_a_page_asks_by_itself_keeps_no_session_alive(ana, clock, place):
    for _ in range(3):
        clock.passes(minutes=9)
        assert who(place.engine, ana.cookie, clock(), active=False) is not None
    clock.passes(minutes=9)

    assert who(place.engine, ana.cookie, clock(), active=False) is None


async def test_a_session_is_listed_with_its_device_and_place(ana, engine):
    with read_session(engine) as session:
        rows = session.execute(SESSION.id.table.select()).all()

    assert [(row.address, row.device) for row in rows] == [("192.0.2.1", "Firefox on Linux")]


async def test_deeds_of_signing_in_are_told_to_the_audit(ana, engine):
    await ana.ask("sign-out", {})

    actions = [
        (row["action"], row["actor_name"]) for row in dump(engine, "audit_entry")["audit_entry"]
    ]
    assert actions == [
        ("person.create", "System"),
        ("person.activate", "Ana"),
        ("second_factor.enrol", "Ana"),
        ("session.begin", "Ana"),
        ("session.end", "Ana"),
    ]


async def test_no_stolen_row_of_the_database_is_a_cookie(ana, engine):
    with read_session(engine) as session:
        held = session.execute(SESSION.id.table.select()).one()
    ana.cookies = {"__Host-session": held.token_hash}
    assert await ana.who() is None
    ana.cookies = {"__Host-session": held.id}
    assert await ana.who() is None


async def test_old_parameters_of_a_hash_are_replaced_at_the_next_sign_in(ana, engine):
    weak = argon2.using(memory_cost=8192, time_cost=1, parallelism=1).hash(PASSWORD)
    with write_session(engine) as session:
        session.execute(update(Person).values(password_hash=weak))
    assert (await ana.sign_in()).status_code == 200

    [row] = dump(engine, "person")["person"]
    assert row["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
