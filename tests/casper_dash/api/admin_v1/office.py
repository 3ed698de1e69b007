"""People of each role, with sessions and tokens, and what they ask of the API."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import insert
from starlette.routing import Route

from casper_dash.api.admin_v1.app import create_admin_api
from casper_dash.api.admin_v1.declared import actions, readings
from casper_dash.audit import Entry, Wanted, entries
from casper_dash.auth import sessions, tokens
from casper_dash.auth.cookies import cookie_name
from casper_dash.auth.models import Person as PersonRow
from casper_dash.auth.place import Place
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import Client, signed_in
from casper_dash.auth.tokens import Scope
from crawler.database import read_session, write_session
from crawler.network import Network
from tests.casper_dash.decisions.curating import EXCHANGE

PREFIX = "/api/admin/v1"
ADDRESS = "203.0.113.9"
JOBS = ("prices", "recompute", "recrawl", "repair")
NAMES = {Role.VIEWER: "Vic", Role.EDITOR: "Edi", Role.ADMINISTRATOR: "Ada"}


@dataclass(frozen=True)
class Badge:
    """With what somebody asks."""

    headers: dict[str, str]
    id: str = ""


NOBODY = Badge({})


class Office:
    """An application in this process, asked from one address."""

    def __init__(self, place: Place, network: Network) -> None:
        self.place = place
        self.network = network
        self.rebuild()
        self.readings = readings(place, network, JOBS)
        self.actions = actions(JOBS)
        self.people = {role: self.person(role, NAMES[role]) for role in Role}

    def rebuild(self) -> None:
        """With the settings as they are now."""
        self.app = create_admin_api(self.place, self.network, JOBS)

    def person(self, role: Role, name: str) -> Badge:
        """Somebody who is signed in."""
        now = self.place.now()
        row = {"id": f"id-of-{name}", "email": f"{name}@example.org", "name": name, "role": role}
        row |= {"email_key": f"{name}@example.org", "state": "active", "created_at": now}
        row |= {"password_hash": "-", "totp_secret": "-"}
        with write_session(self.place.engine) as session:
            session.execute(insert(PersonRow).values(**row))
            client = Client("192.0.2.77", "Firefox")
            token = sessions.begin(session, row["id"], client, now, over_tls=True)
        cookie = f"{cookie_name(sessions.COOKIE, over_tls=True)}={token}"
        origin = self.place.settings.admin_origin
        return Badge({"cookie": cookie, "origin": origin}, row["id"])

    def token(self, role: Role, *scopes: Scope, days: int = 30) -> Badge:
        """A token of the person of this role."""
        now = self.place.now()
        wanted = tokens.Wanted("nightly", frozenset(scopes), now + timedelta(days=days))
        with write_session(self.place.engine) as session:
            by = signed_in(session, self.people[role].headers["cookie"], now)
            token = tokens.make_token(session, by, wanted, now)
        return Badge({"authorization": f"Bearer {token}"}, by.id)

    async def get(self, path: str, by: Badge, **headers: str) -> httpx.Response:
        return await self.ask("GET", path, by, **headers)

    async def post(self, path: str, by: Badge, body: Any = None, **headers: str) -> httpx.Response:
        sent = {"content-type": "application/json"} | headers
        return await self.ask("POST", path, by, json.dumps(body or {}), **sent)

    async def ask(
        self, method: str, path: str, by: Badge, content: str | None = None, **headers: str
    ) -> httpx.Response:
        transport = httpx.ASGITransport(
            self.app, client=(ADDRESS, 4000), raise_app_exceptions=False
        )
        async with httpx.AsyncClient(transport=transport, base_url="https://dash.test") as client:
            return await client.request(
                method, f"{PREFIX}{path}", content=content, headers={**by.headers, **headers}
            )

    def routes(self) -> Iterator[tuple[str, str]]:
        """Method and path of every route that there is, with something in each brace."""
        for route in self.app.routes:
            assert isinstance(route, Route)
            method = "POST" if "POST" in (route.methods or ()) else "GET"
            yield method, filled(route.path).removeprefix(PREFIX)

    def newest_entry(self) -> Entry:
        with read_session(self.place.engine) as session:
            return entries(session, Wanted(), limit=1)[0]


def filled(path: str) -> str:
    """The path with a value of the right kind for each brace."""
    for name, value in (
        ("transfer", "5-0"),
        ("account", EXCHANGE),
        ("schedule", "1"),
        ("proposal", "1"),
        ("publication", "0"),
        ("person", "id-of-Vic"),
        ("session", "some-session"),
        ("token", "some-token"),
        ("job", "prices"),
    ):
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path
    return path
