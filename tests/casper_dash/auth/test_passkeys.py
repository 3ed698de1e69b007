"""Passkeys: both ceremonies with an authenticator in software, and answers that prove nothing."""

import pytest
from sqlalchemy import Engine, update

from casper_dash.auth.models import Person
from casper_dash.auth.passkeys import passkeys_of, remove_passkey
from crawler.database import read_session, write_session
from tests.casper_dash.auth.authenticator import PRESENT, Authenticator, register, sign_in
from tests.casper_dash.auth.browsing import EMAIL, PASSWORD, Browser
from tests.databases import dump

pytestmark = pytest.mark.anyio


@pytest.fixture
def engine(migrated_sqlite: Engine) -> Engine:
    """test_lives.py does the same on both databases."""
    return migrated_sqlite


@pytest.fixture
async def key(ana: Browser) -> Authenticator:
    """A passkey of Ana's."""
    key = Authenticator()
    assert (await register(ana, key)).json()["name"] == "Laptop"
    return key


async def test_a_passkey_signs_its_owner_in_without_password_or_code(place, key):
    browser = Browser(place)

    assert (await sign_in(browser, key)).json() == {"state": "signed-in"}
    assert await browser.who() == EMAIL


async def test_options_ask_for_a_verified_user_and_name_this_host(ana):
    begun = (await ana.ask("passkeys/begin", {"password": PASSWORD})).json()["options"]
    assert begun["rp"]["id"] == "dash.example.org"
    assert begun["authenticatorSelection"]["userVerification"] == "required"
    asked = (await ana.ask("passkey-sign-in/begin", {})).json()["options"]

    assert asked["userVerification"] == "required"
    assert asked["rpId"] == "dash.example.org"


async def test_registering_asks_for_the_password(ana):
    answer = await ana.ask("passkeys/begin", {"password": "a guess, a guess"})

    assert answer.status_code == 401


def another_origin(key):
    key.origin = "https://evil.example"


def another_host(key):
    key.host = "evil.example"


def nobody_verified(key):
    key.flags = PRESENT


def another_key(key):
    key.key = Authenticator().key


def unknown(key):
    key.id = b"x" * 32


def an_old_count(key):
    key.count = -1


@pytest.mark.parametrize(
    "wrong", [another_origin, another_host, nobody_verified, another_key, unknown, an_old_count]
)
async def test_an_answer_that_proves_nothing_is_refused(place, key, wrong):
    wrong(key)
    browser = Browser(place)

    assert (await sign_in(browser, key)).status_code == 401
    assert not browser.set_cookies


@pytest.mark.parametrize("wrong", [another_origin, another_host, nobody_verified])
async def test_a_key_is_not_registered_from_elsewhere_or_unverified(ana, wrong):
    key = Authenticator()
    wrong(key)

    assert (await register(ana, key)).status_code == 401
    assert dump(ana.place.engine, "passkey") == {"passkey": []}


async def test_an_answer_is_good_once_though_the_key_does_not_count(ana, place):
    key = Authenticator()
    key.count = key.counts = 0
    await register(ana, key)
    browser = Browser(place)
    begun = (await browser.ask("passkey-sign-in/begin", {})).json()
    body = {"ceremony": begun["ceremony"], "credential": key.sign(begun["options"])}
    assert (await browser.ask("passkey-sign-in", body)).status_code == 200

    assert (await Browser(place).ask("passkey-sign-in", body)).status_code == 401


async def test_an_answer_to_another_challenge_is_refused(place, key):
    browser = Browser(place)
    first = (await browser.ask("passkey-sign-in/begin", {})).json()
    second = (await browser.ask("passkey-sign-in/begin", {})).json()
    body = {"ceremony": second["ceremony"], "credential": key.sign(first["options"])}

    assert (await browser.ask("passkey-sign-in", body)).status_code == 401


@pytest.mark.parametrize(
    "credential", [{}, {"rawId": 1}, {"rawId": "x", "response": []}, {"rawId": "\u00e9"}]
)
async def test_an_answer_that_no_browser_gives_is_refused(place, key, credential):
    browser = Browser(place)
    begun = (await browser.ask("passkey-sign-in/begin", {})).json()
    body = {"ceremony": begun["ceremony"], "credential": credential}
    assert (await browser.ask("passkey-sign-in", body)).status_code == 401
    signed = key.sign(begun["options"]) | credential

    again = (await browser.ask("passkey-sign-in/begin", {})).json()
    body = {"ceremony": again["ceremony"], "credential": signed}
    assert (await browser.ask("passkey-sign-in", body)).status_code == 401


async def test_a_dismissed_persons_passkey_is_refused(place, key):
    with write_session(place.engine) as session:
        session.execute(update(Person).values(state="deactivated", email_key=None))

    assert (await sign_in(Browser(place), key)).status_code == 401


async def test_a_removed_passkey_is_refused(place, key, by):
    with write_session(place.engine) as session:
        [held] = passkeys_of(session, by.id)
        assert remove_passkey(session, by, held.id)
    with read_session(place.engine) as session:
        assert passkeys_of(session, by.id) == []

    assert (await sign_in(Browser(place), key)).status_code == 401


async def test_a_passkey_is_registered_once(ana, key):
    assert (await register(ana, key)).status_code == 409


async def test_beginning_without_end_is_braked(place):
    browser = Browser(place)
    answers = [await browser.ask("passkey-sign-in/begin", {}) for _ in range(102)]

    assert [answer.status_code for answer in answers[:101]] == [200] * 101
    assert answers[-1].status_code == 429
    assert (await Browser(place, address="192.0.2.9").ask("passkey-sign-in/begin", {})).is_success
