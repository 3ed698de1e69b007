"""A place where people sign in: SQLite and MariaDB, a clock that tests move, a browser."""

import argon2.low_level as low_level
import pytest
from sqlalchemy import Engine

from casper_dash.auth.first import create_administrator
from casper_dash.auth.place import Place
from casper_dash.auth.sessions import Person
from casper_dash.keys import Keys
from casper_dash.settings import AppSettings
from tests.casper_dash.auth.browsing import EMAIL, SECRET, Browser, Clock, person_of


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings() -> AppSettings:
    return AppSettings(
        _env_file=None, secret_key=SECRET, admin_url="https://dash.example.org/admin"
    )


@pytest.fixture
def place(engine: Engine, settings: AppSettings, clock: Clock) -> Place:
    return Place(engine, Keys(SECRET), settings, clock)


@pytest.fixture
def browser(place: Place) -> Browser:
    return Browser(place)


@pytest.fixture
def link(place: Place) -> str:
    """The first administrator's activation link."""
    return create_administrator(place, EMAIL)


@pytest.fixture
async def ana(browser: Browser, link: str, clock: Clock) -> Browser:
    """An administrator's browser, signed in, a minute after activation."""
    await browser.activate(link)
    clock.passes(minutes=1)
    return browser


@pytest.fixture
def by(ana: Browser) -> Person:
    """Ana as functions get her."""
    return person_of(ana)


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every hash that is verified while the test runs."""
    done: list[str] = []
    verify = low_level.verify_secret

    def counted(hashed, *rest, **options):
        done.append(hashed)
        return verify(hashed, *rest, **options)

    monkeypatch.setattr(low_level, "verify_secret", counted)
    return done
