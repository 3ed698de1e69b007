"""What everybody does to their own account, and what becomes of their sessions."""

import pytest
from sqlalchemy import Engine

from tests.casper_dash.auth.browsing import EMAIL, PASSWORD, Browser, letter_to, subjects_to
from tests.databases import dump

pytestmark = pytest.mark.anyio
NEW = "amber-falcon-harbor-77"
CHANGED = "Your account in Casper Dash was changed"
RESET = "A new password for Casper Dash"


@pytest.fixture
def engine(migrated_sqlite: Engine) -> Engine:
    """test_lives.py does the same on both databases."""
    return migrated_sqlite


async def second_browser(ana: Browser) -> Browser:
    other = Browser(ana.place, address="192.0.2.77")
    other.secret = ana.secret
    assert (await other.sign_in()).status_code == 200
    ana.place.now.passes(minutes=1)
    return other


async def reset_token(ana: Browser) -> str:
    answer = await Browser(ana.place).ask("reset/request", {"email": "ANA@example.org"})
    assert (answer.status_code, answer.json()) == (202, {"state": "sent"})
    return letter_to(ana.place, EMAIL).link.partition("#")[2]


async def test_a_changed_password_ends_all_other_sessions_and_rotates_this_one(ana, place):
    other = await second_browser(ana)
    before = ana.cookies["__Host-session"]
    answer = await ana.ask("password", {"current": PASSWORD, "new": NEW})

    assert answer.json() == {"state": "changed"}
    assert ana.cookies["__Host-session"] != before
    assert await ana.who() == EMAIL
    assert await other.who() is None
    ana.cookies["__Host-session"] = before
    assert await ana.who() is None
    assert subjects_to(place, EMAIL) == [CHANGED]
    assert (await ana.sign_in(password=PASSWORD)).status_code == 401
    assert (await ana.sign_in(password=NEW)).status_code == 200


async def test_a_rotated_session_ends_when_the_one_before_would_have(ana, clock):
    clock.passes(minutes=20)
    await ana.ask("password", {"current": PASSWORD, "new": NEW})
    [row] = dump(ana.place.engine, "session")["session"]

    assert (row["expires_at"] - row["created_at"]).total_seconds() == 12 * 3600
    assert row["created_at"] < clock.now
    assert row["rotated_from"] is not None


async def test_who_sits_at_an_open_session_cannot_change_the_password_without_it(ana):
    answer = await ana.ask("password", {"current": "a guess, a guess", "new": NEW})

    assert (answer.status_code, answer.json()) == (401, {"error": "the password is wrong"})
    assert await ana.who() == EMAIL
    for _ in range(5):
        await ana.ask("password", {"current": "a guess, a guess", "new": NEW})
    assert (await ana.ask("password", {"current": PASSWORD, "new": NEW})).status_code == 429


@pytest.mark.parametrize("new", ["short", "password1234", EMAIL, "x" * 129])
async def test_a_weak_new_password_is_refused(ana, new):
    assert (await ana.ask("password", {"current": PASSWORD, "new": new})).status_code == 409


async def test_a_reset_ends_all_sessions_and_signs_nobody_in(ana, place):
    token = await reset_token(ana)
    stranger = Browser(place)
    answer = await stranger.ask("reset", {"token": token, "password": NEW})

    assert (answer.status_code, answer.json()) == (200, {"state": "changed"})
    assert not stranger.set_cookies
    assert await ana.who() is None
    assert subjects_to(place, EMAIL)[0] == CHANGED or CHANGED in subjects_to(place, EMAIL)
    # the mailbox alone is no way in: the second factor is asked for as always
    assert (await stranger.sign_in(password=NEW, code="")).status_code == 401
    assert (await ana.sign_in(password=NEW)).status_code == 200


async def test_a_reset_link_is_good_once_for_an_hour_and_only_the_newest(ana, clock):
    first = await reset_token(ana)
    clock.passes(minutes=1)
    second = await reset_token(ana)
    assert (await ana.ask("reset", {"token": first, "password": NEW})).status_code == 401
    assert (await ana.ask("reset", {"token": second, "password": NEW})).status_code == 200
    assert (await ana.ask("reset", {"token": second, "password": NEW})).status_code == 401
    clock.passes(minutes=1)
    third = await reset_token(ana)
    clock.passes(minutes=60)

    assert (await ana.ask("reset", {"token": third, "password": NEW})).status_code == 401


async def test_a_weak_password_leaves_the_reset_link_good(ana):
    token = await reset_token(ana)

    assert (await ana.ask("reset", {"token": token, "password": "weak"})).status_code == 409
    assert (await ana.ask("reset", {"token": token, "password": NEW})).status_code == 200


@pytest.mark.parametrize("email", ["bo@example.org", "", "x", "a@b\r\nBcc: c@d"])
async def test_nobody_learns_whether_an_address_is_known(ana, place, email):
    answer = await ana.ask("reset/request", {"email": email})

    assert (answer.status_code, answer.json()) == (202, {"state": "sent"})
    assert dump(place.engine, "mail") == {"mail": []}


async def test_a_mailbox_is_not_flooded(ana, place):
    for _ in range(10):
        await ana.ask("reset/request", {"email": EMAIL})

    assert subjects_to(place, EMAIL) == [RESET] * 4


async def test_a_reset_frees_an_account_that_strangers_hold_up(ana, place):
    stranger = Browser(place, address="198.51.100.7")
    for _ in range(8):
        await stranger.sign_in(password="a guess", code="1")
    token = await reset_token(ana)
    await ana.ask("reset", {"token": token, "password": NEW})

    new_device = Browser(place, address="192.0.2.5")
    new_device.secret = ana.secret
    assert (await new_device.sign_in(password=NEW)).status_code == 200


async def test_a_new_second_factor_replaces_the_old_one_once_a_code_was_shown(ana, clock):
    old = ana.secret
    begun = (await ana.ask("second-factor", {"password": PASSWORD})).json()
    clock.passes(minutes=1)
    assert (await ana.sign_in()).status_code == 200  # until then the old one counts
    clock.passes(minutes=1)
    codes = await ana.enrol(begun)
    clock.passes(minutes=1)

    assert ana.secret != old
    assert len(codes) == 10
    assert (await ana.sign_in()).status_code == 200
    clock.passes(minutes=1)
    ana.secret = old
    assert (await ana.sign_in()).status_code == 401


async def test_a_new_second_factor_ends_all_other_sessions(ana):
    other = await second_browser(ana)
    await ana.enrol((await ana.ask("second-factor", {"password": PASSWORD})).json())

    assert await ana.who() == EMAIL
    assert await other.who() is None


async def test_an_enrolment_is_good_once_and_for_a_quarter_of_an_hour(ana, clock):
    begun = (await ana.ask("second-factor", {"password": PASSWORD})).json()
    await ana.enrol(begun)
    body = {"enrolment": begun["enrolment"], "code": ana.code()}
    assert (await ana.ask("enrolment", body)).status_code == 401
    begun = (await ana.ask("second-factor", {"password": PASSWORD})).json()
    ana.secret = begun["secret"]
    clock.passes(minutes=15)
    body = {"enrolment": begun["enrolment"], "code": ana.code()}

    assert (await ana.ask("enrolment", body)).status_code == 401


async def test_a_secret_that_the_browser_made_up_is_not_enrolled(ana):
    """The secret is the server's: the browser sends a code of it, and never the secret."""
    begun = (await ana.ask("second-factor", {"password": PASSWORD})).json()
    own = {"enrolment": begun["enrolment"], "code": ana.code()}  # of another secret
    answer = await ana.ask("enrolment", own)
    assert answer.status_code == 401
    assert (await ana.ask("enrolment", {**own, "secret": "A" * 32})).status_code == 400

    await ana.enrol(begun)  # a wrong code can be corrected


async def test_the_qr_code_holds_what_the_link_says(ana):
    begun = (await ana.ask("second-factor", {"password": PASSWORD})).json()

    assert begun["state"] == "enrol"
    assert begun["uri"] == (
        f"otpauth://totp/Casper%20Dash:ana%40example.org?secret={begun['secret']}"
        "&issuer=Casper%20Dash"
    )
    assert begun["qr"].startswith("<svg ")
    assert "script" not in begun["qr"]


async def test_new_recovery_codes_replace_the_old_ones(ana, clock):
    first = (await ana.ask("recovery-codes", {"code": ana.code()})).json()["recovery_codes"]
    clock.passes(minutes=1)
    second = (await ana.ask("recovery-codes", {"code": ana.code()})).json()["recovery_codes"]

    assert len(set(first) | set(second)) == 20
    assert (await ana.sign_in(code=first[0])).status_code == 401
    assert (await ana.sign_in(code=second[0])).status_code == 200


async def test_new_recovery_codes_need_a_code(ana):
    assert (await ana.ask("recovery-codes", {"code": "000000"})).status_code == 401
