"""The first administrator: by command, and by settings at the first start."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from casper_dash.auth.command import run_admin
from casper_dash.auth.errors import NotPossible
from casper_dash.auth.first import create_administrator, first_start
from casper_dash.auth.place import Place
from casper_dash.auth.start import check_safe, open_for_people
from casper_dash.keys import Keys
from casper_dash.settings import AppSettings
from crawler.settings import SettingsError
from tests.casper_dash.auth.browsing import EMAIL, PASSWORD, SECRET, Browser
from tests.databases import dump

ROOT = Path(__file__).parents[3]
ADMIN = "https://dash.example.org/admin"


def settings_of(**values) -> AppSettings:
    return AppSettings(_env_file=None, **{"secret_key": SECRET, "admin_url": ADMIN, **values})


def place_with(place: Place, **values) -> Place:
    return Place(place.engine, Keys(SECRET), settings_of(**values), place.now)


def people_of(place: Place) -> list[tuple[str, str, str]]:
    rows = dump(place.engine, "person")["person"]
    return [(row["email"], row["role"], row["state"]) for row in rows]


def test_the_command_prints_a_link_on_a_new_database(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "ADMIN_URL": ADMIN, "SECRET_KEY": ""}
    line = [sys.executable, "-m", "casper_dash", "admin", "create", EMAIL]
    made = subprocess.run(
        line, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )

    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith(f"{ADMIN}/activation#")
    assert (tmp_path / ".secret_key").stat().st_mode & 0o777 == 0o600


def test_a_mistake_in_the_command_is_one_line(migrated_sqlite):
    settings = settings_of(database_url=str(migrated_sqlite.url))
    options = argparse.Namespace(email="ana@", again=False)
    with pytest.raises(SettingsError) as error:
        run_admin(options, settings)

    assert str(error.value) == "admin create: 'ana@' is no mail address like name@example.org"


@pytest.mark.parametrize("email", ["", "ana", "ana@", "a@b\nc", "a@b c", "a" * 65 + "@b"])
def test_what_is_no_address_makes_no_administrator(place, email):
    with pytest.raises(NotPossible, match="no mail address"):
        create_administrator(place, email)


def test_asked_again_before_activation_the_newest_link_counts(place):
    first = create_administrator(place, EMAIL)
    second = create_administrator(place, EMAIL)

    assert first != second
    assert len(people_of(place)) == 1


@pytest.mark.anyio
async def test_who_is_active_begins_anew_only_on_purpose(ana, place):
    with pytest.raises(NotPossible, match="--again"):
        create_administrator(place, EMAIL)
    assert await ana.who() == EMAIL
    link = create_administrator(place, EMAIL, again=True)
    assert await ana.who() is None
    assert (await ana.sign_in()).status_code == 401

    await Browser(place).activate(link)


@pytest.mark.anyio
async def test_at_the_first_start_the_settings_administrator_is_made_and_must_enrol(place):
    first_start(place_with(place, admin_email=EMAIL, admin_password=PASSWORD))
    assert people_of(place) == [(EMAIL, "administrator", "active")]
    browser = Browser(place)
    begun = (await browser.sign_in(code="")).json()
    assert begun["state"] == "enrol"
    assert await browser.who() is None
    await browser.enrol(begun)

    assert await browser.who() == EMAIL


@pytest.mark.anyio
async def test_no_code_is_a_way_around_the_enrolment(place):
    first_start(place_with(place, admin_email=EMAIL, admin_password=PASSWORD))
    browser = Browser(place)
    for code in ("000000", "x", ""):
        assert (await browser.sign_in(code=code)).json()["state"] == "enrol"

    assert not browser.set_cookies


def test_a_later_start_changes_nobody(place):
    first_start(place_with(place, admin_email=EMAIL, admin_password=PASSWORD))
    first_start(place_with(place, admin_email="bo@example.org", admin_password=PASSWORD))

    assert people_of(place) == [(EMAIL, "administrator", "active")]


def test_without_a_password_the_link_stands_in_the_log(place):
    with capture_logs() as logs:
        first_start(place_with(place, admin_email=EMAIL))

    assert logs[0]["link"].startswith(f"{ADMIN}/activation#")
    assert people_of(place) == [(EMAIL, "administrator", "invited")]


@pytest.mark.parametrize("password", ["password1234", "short", EMAIL])
def test_production_refuses_a_password_that_is_guessed_first(place, password):
    given = place_with(place, admin_email=EMAIL, admin_password=password, environment="production")
    with pytest.raises(SettingsError, match="ADMIN_PASSWORD: "):
        first_start(given)

    assert people_of(place) == []


def test_development_takes_it_with_a_warning(place):
    with capture_logs() as logs:
        first_start(place_with(place, admin_email=EMAIL, admin_password="admin"))

    assert people_of(place) == [(EMAIL, "administrator", "active")]
    assert logs[0]["event"] == "ADMIN_PASSWORD is weak, production would refuse it"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"admin_url": "http://dash.example.org/admin"}, "ADMIN_URL: production needs https"),
        ({"secret_key": ""}, "SECRET_KEY: empty"),
        ({"smtp_password": "x", "smtp_tls": "none"}, "SMTP_TLS: production sends no"),
    ],
)
def test_production_does_not_open_unsafely(place, values, message):
    opening = open_for_people(place.engine, settings_of(environment="production", **values))
    with pytest.raises(SettingsError, match=message):
        opening.__enter__()


def test_development_opens_over_plain_http(place):
    settings = settings_of(admin_url="http://localhost:3000/admin", admin_email=EMAIL)
    check_safe(settings)
    with open_for_people(place.engine, settings):
        assert people_of(place) == [(EMAIL, "administrator", "invited")]
