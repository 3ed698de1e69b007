"""What every route checks before it does anything: where the page is from, and the body's form."""

import json

import pytest
from sqlalchemy import Engine

from casper_dash.auth.routes import FOR_ALL, FOR_SIGNED_IN
from tests.casper_dash.auth.browsing import EMAIL, PASSWORD, Browser

pytestmark = pytest.mark.anyio


@pytest.fixture
def engine(migrated_sqlite: Engine) -> Engine:
    """One database is enough: nothing here gets so far."""
    return migrated_sqlite


@pytest.mark.parametrize(
    "token", ["", "x" * 43, "null", "__Host-session", '"', "\x00", "; ;=", "é"]
)
async def test_a_made_up_cookie_is_nobodys(ana, token):
    ana.cookies = {}
    answer = await ana.ask("session", method="GET", cookie=f"__Host-session={token}".encode())

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://evil.dash.example.org"},
        {"origin": "http://dash.example.org"},
        {"origin": "null"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
    ],
)
async def test_another_sites_page_cannot_post_for_somebody(ana, headers):
    answer = await ana.ask("sign-out", {}, **headers)

    assert answer.status_code == 403
    assert await ana.who() == EMAIL


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {},
        {"email": EMAIL, "password": {"$ne": ""}, "code": "1"},
        {"email": [EMAIL], "password": PASSWORD, "code": "1"},
        {"email": EMAIL, "password": None, "code": "1"},
        {"email": EMAIL, "password": PASSWORD, "code": 123456},
        {"email": EMAIL, "password": PASSWORD, "code": "1", "role": "administrator"},
        {"email": EMAIL, "password": "x" * 201, "code": "1"},
        {"email": "x" * 255, "password": PASSWORD, "code": "1"},
    ],
)
async def test_a_body_that_is_no_object_of_strings_is_refused(ana, body, verifications):
    answer = await ana.post_raw("sign-in", json.dumps(body))

    assert answer.status_code == 400
    assert verifications == []


@pytest.mark.parametrize("body", ["", "{", "[" * 10_000, '{"email": "\\ud800"}', "\x00"])
async def test_a_body_that_is_no_json_is_refused(ana, body):
    assert (await ana.post_raw("sign-in", body)).status_code == 400


async def test_a_body_must_say_that_it_is_json(ana):
    answer = await ana.ask("sign-out", {}, **{"content-type": "text/plain"})

    assert answer.status_code == 415


async def test_a_body_without_end_is_cut_off(ana):
    answer = await ana.ask("sign-in", {"email": "x" * 20_000, "password": "", "code": ""})

    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["", "sign-in", "nothing"])
async def test_only_what_is_there_is_answered(ana, path):
    assert (await ana.ask(path, method="GET")).status_code in (404, 405)


async def test_answers_are_kept_by_nobody(ana):
    answer = await ana.ask("session", method="GET")

    assert answer.headers["cache-control"] == "no-store"


BODIES = {
    "password": {"current": PASSWORD, "new": PASSWORD},
    "second-factor": {"password": PASSWORD},
    "recovery-codes": {"code": "000000"},
    "passkeys/begin": {"password": PASSWORD},
    "passkeys": {"ceremony": "x", "name": "x", "credential": {}},
}


@pytest.mark.parametrize("path", list(FOR_SIGNED_IN))
async def test_what_is_of_ones_own_account_is_refused_to_whoever_is_not_signed_in(place, path):
    answer = await Browser(place).ask(path, BODIES[path])

    assert answer.status_code == 401
    assert answer.json() == {"error": "you are not signed in"}


@pytest.mark.parametrize("path", [*FOR_ALL, *FOR_SIGNED_IN])
async def test_every_route_refuses_another_origin(place, path):
    answer = await Browser(place).ask(path, {}, origin="https://evil.example")

    assert answer.status_code == 403


@pytest.mark.parametrize("path", [*FOR_ALL, *FOR_SIGNED_IN])
async def test_every_route_refuses_fields_that_it_does_not_know(place, path):
    assert (await Browser(place).ask(path, {"role": "administrator"})).status_code == 400
