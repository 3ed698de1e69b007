"""Whole lives of an account on every database: what the other files look at one by one."""

import pytest

from casper_dash.audit import verify
from casper_dash.auth.start import clear_away
from crawler.database import read_session, write_session
from tests.casper_dash.auth.authenticator import Authenticator, register, sign_in
from tests.casper_dash.auth.browsing import EMAIL, PASSWORD, Browser, letter_to
from tests.databases import dump

pytestmark = pytest.mark.anyio
NEW = "amber-falcon-harbor-77"


async def test_activated_signed_in_recovered_changed_and_reset(browser, link, place, clock):
    codes = await browser.activate(link)
    assert (await browser.sign_in(code=codes[0])).status_code == 200
    assert (await browser.sign_in(code=codes[0])).status_code == 401
    clock.passes(minutes=1)
    changed = await browser.ask("password", {"current": PASSWORD, "new": NEW})
    assert changed.status_code == 200, changed.text
    begun = (await browser.ask("second-factor", {"password": NEW})).json()
    fresh = await browser.enrol(begun)
    assert (await browser.sign_in(password=NEW, code=codes[1])).status_code == 401
    assert (await browser.sign_in(password=NEW, code=fresh[1])).status_code == 200
    clock.passes(minutes=1)
    await browser.ask("reset/request", {"email": EMAIL})
    token = letter_to(place, EMAIL).link.partition("#")[2]
    assert (await browser.ask("reset", {"token": token, "password": PASSWORD})).status_code == 200
    assert await browser.who() is None
    assert (await browser.sign_in()).status_code == 200
    with read_session(place.engine) as session:
        assert verify(session).whole


async def test_a_passkey_of_an_account(ana, place):
    key = Authenticator()
    assert (await register(ana, key)).status_code == 200
    browser = Browser(place)
    assert (await sign_in(browser, key)).status_code == 200

    assert await browser.who() == EMAIL


async def test_what_has_ended_is_cleared_away_and_nothing_else(ana, place, clock):
    await ana.ask("passkey-sign-in/begin", {})
    await ana.sign_in(code="000000")
    with write_session(place.engine) as session:
        clear_away(session, clock())
    assert await ana.who() == EMAIL
    assert dump(place.engine, "ceremony")["ceremony"] != []
    clock.passes(days=2)
    with write_session(place.engine) as session:
        clear_away(session, clock())

    left = dump(place.engine, "session", "ceremony", "attempt")
    assert left == {"session": [], "ceremony": [], "attempt": []}
