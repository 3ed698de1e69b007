"""Guessing over the routes: stopped from one place, from many, at one account and at many."""

import threading

import pytest
from sqlalchemy import Engine

from casper_dash.auth.errors import AuthError
from casper_dash.auth.sessions import Client
from casper_dash.auth.sign_in import Credentials, sign_in
from tests.casper_dash.auth.browsing import EMAIL, PASSWORD, Browser

pytestmark = pytest.mark.anyio


@pytest.fixture
def engine(migrated_sqlite: Engine) -> Engine:
    """The brake itself is tested on both databases."""
    return migrated_sqlite


async def test_guessing_from_one_place_is_stopped_though_the_last_guess_is_right(ana, place):
    guesser = Browser(place, address="198.51.100.7")
    answers = [await guesser.sign_in(password=f"guess-number-{n}", code="1") for n in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 6
    guesser.secret = ana.secret
    stopped = await guesser.sign_in()

    assert stopped.status_code == 429
    assert stopped.headers["retry-after"] == "1"
    assert stopped.json() == {"error": "too many attempts, try again in 1 s"}


async def test_guessing_from_many_places_is_stopped_as_well(ana, place, verifications):
    for n in range(40):
        guesser = Browser(place, address=f"198.51.100.{n}")
        await guesser.sign_in(password=f"guess-number-{n}", code="1")

    assert len(verifications) == 6


async def test_guessing_at_many_accounts_from_one_place_is_stopped(ana, place, verifications):
    guesser = Browser(place, address="198.51.100.7")
    for n in range(40):
        await guesser.sign_in(email=f"person-{n}@example.org", password="guess", code="1")

    assert len(verifications) == 21


async def test_an_own_account_does_not_free_a_guesser_of_others(ana, place, verifications):
    for n in range(60):
        await ana.sign_in(email=f"person-{n}@example.org", password="guess", code="1")
        if n % 10 == 9:
            await ana.sign_in()
            ana.place.now.passes(seconds=30)

    assert len(verifications) < 45


async def test_an_unknown_account_is_braked_like_a_known_one(ana, place):
    known, unknown = Browser(place, address="198.51.100.7"), Browser(place, address="198.51.100.8")
    for _ in range(7):
        one = await known.sign_in(EMAIL, "guess", "1")
        other = await unknown.sign_in("nobody@example.org", "guess", "1")

        assert (one.status_code, one.text) == (other.status_code, other.text)


async def test_the_owner_gets_in_on_a_known_device_while_others_guess(ana, place):
    for n in range(40):
        guesser = Browser(place, address=f"198.51.100.{n}")
        await guesser.sign_in(password=f"guess-number-{n}", code="1")
    assert (await guesser.sign_in(code="1")).status_code == 429

    assert (await ana.sign_in()).status_code == 200


def test_guesses_at_the_same_moment_are_counted_one_by_one(place, verifications):
    """Twelve threads at once see six hashes verified at most, as one after the other would."""
    ready = threading.Barrier(12)
    client = Client("198.51.100.7", "")

    def guess():
        ready.wait()
        with pytest.raises(AuthError):
            sign_in(place, Credentials(EMAIL, PASSWORD, "000000"), client)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(verifications) == 6
