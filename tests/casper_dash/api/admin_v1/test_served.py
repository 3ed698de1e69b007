"""Where the admin's API is served, and how often it may be asked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.responses import PlainTextResponse

from casper_dash.api.admin_v1.app import below
from casper_dash.auth.roles import Role
from tests.casper_dash.api.admin_v1.office import NOBODY

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[4]
_ASK = """
import asyncio, httpx, json, os, sys
from casper_dash.web import worker_app

async def status(path):
    transport = httpx.ASGITransport(worker_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://dash.test") as client:
        return (await client.get(path)).status_code

for panel in (sys.argv[1], ""):
    os.environ["CASPER_DASH_PANEL"] = panel
    print(asyncio.run(status("/api/admin/v1/me")), asyncio.run(status("/healthz")))
"""


def test_it_is_served_where_the_panel_is_and_nowhere_else(tmp_path: Path):
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'none.db'}",
        "SECRET_KEY": "an00ther-l0ng-and-rand0m-looking-one-for-tests",
        "CASPER_DASH_FRONT": "",
    }
    done = subprocess.run(
        [sys.executable, "-c", _ASK, str(tmp_path / "panel")],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-2:] == ["401 200", "404 200"]


async def test_other_paths_are_for_the_application_behind_it(office_on_sqlite):
    office = office_on_sqlite
    office.app = below(office.app, PlainTextResponse("behind"))

    assert (await office.get("/me", NOBODY)).status_code == 401
    assert (await office.get("/../../v1/eras", NOBODY)).text == "behind"


async def test_who_asks_too_often_waits(office_on_sqlite):
    office = office_on_sqlite
    office.place.settings.api_requests_a_minute = 3
    office.rebuild()
    vic = office.people[Role.VIEWER]
    answers = [await office.get("/me", by) for by in (NOBODY, vic, vic, vic)]

    assert [answer.status_code for answer in answers] == [401, 200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert answers[-1].headers["cache-control"] == "no-store"


async def test_while_the_database_is_away_it_says_so(office_on_sqlite):
    office = office_on_sqlite
    _lose(office.place.engine)
    answer = await office.get("/me", office.people[Role.VIEWER])

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def _lose(engine: Engine) -> None:
    """A folder where the database was."""
    engine.dispose()
    file = Path(engine.url.database)
    file.rename(file.with_suffix(".moved"))
    file.mkdir()
