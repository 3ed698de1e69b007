"""A browser of one person, and what tests do with several."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyotp

from casper_dash.auth.invitations import Invitation, invite
from casper_dash.auth.place import Place
from casper_dash.auth.roles import Role
from casper_dash.auth.routes import PREFIX, auth_app_of
from casper_dash.auth.sessions import Person, who
from casper_dash.mail.letter import Letter
from casper_dash.mail.outbox import letters, read
from crawler.database import read_session, write_session

SECRET = "n3kV0bJ8dXq5zR7wT2yF9mLs4hGc6PaE"
PASSWORD = "orbit-velvet-quasar-19"
EMAIL = "ana@example.org"


class Clock:
    """Tells the time that the test says."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


class Browser:
    """Keeps its cookies as browsers do."""

    def __init__(self, place: Place, *, address: str = "192.0.2.1") -> None:
        self.place = place
        self.app = auth_app_of(place)
        self.cookies: dict[str, str] = {}
        self.origin = place.settings.admin_origin
        self.headers: dict[str, str] = {"user-agent": "Firefox on Linux"}
        self.address = address
        self.set_cookies: list[str] = []
        self.secret = ""

    async def ask(self, path: str, body: Any = None, *, method: str = "POST", **headers: Any):
        content = json.dumps(body) if method == "POST" else None
        return await self.post_raw(path, content, method=method, **headers)

    async def post_raw(
        self, path: str, content: str | None, *, method: str = "POST", **headers: Any
    ):
        sent = {"origin": self.origin, "cookie": self.cookie, "content-type": "application/json"}
        transport = httpx.ASGITransport(self.app, client=(self.address, 4000))
        async with httpx.AsyncClient(transport=transport, base_url=self.origin) as client:
            answer = await client.request(
                method,
                f"{PREFIX}/{path}",
                content=content,
                headers={**sent, **self.headers, **headers},
            )
        self.set_cookies = answer.headers.get_list("set-cookie")
        for each in self.set_cookies:
            name, _, rest = each.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items() if value)

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.place.now())

    async def sign_in(self, email: str = EMAIL, password: str = PASSWORD, code: str | None = None):
        given = self.code() if code is None else code
        return await self.ask("sign-in", {"email": email, "password": password, "code": given})

    async def activate(self, link: str, password: str = PASSWORD) -> list[str]:
        """From a link to a session; the recovery codes."""
        token = link.partition("#")[2]
        begun = await self.ask("activation", {"token": token, "password": password, "name": "Ana"})
        assert begun.status_code == 200, begun.text
        return await self.enrol(begun.json())

    async def enrol(self, begun: dict[str, str]) -> list[str]:
        self.secret = begun["secret"]
        done = await self.ask("enrolment", {"enrolment": begun["enrolment"], "code": self.code()})
        assert done.status_code == 200, done.text
        return done.json()["recovery_codes"]

    async def who(self) -> str | None:
        answer = await self.ask("session", method="GET")
        return answer.json()["email"] if answer.status_code == 200 else None


def person_of(browser: Browser) -> Person:
    """Who is signed in in a browser."""
    person = who(browser.place.engine, browser.cookie, browser.place.now())
    assert person is not None
    return person


async def joined(place: Place, by: Person, email: str, role: Role) -> Browser:
    """The browser of a new person, who was invited and has activated the account."""
    with write_session(place.engine) as session:
        invite(session, place, by, Invitation(email, email.partition("@")[0], role))
    browser = Browser(place)
    await browser.activate(letter_to(place, email).link)
    return browser


def letter_to(place: Place, email: str) -> Letter:
    """The newest letter that waits for this address."""
    with read_session(place.engine) as session:
        mine = [each for each in letters(session) if each.recipient == email]
        letter = read(session, place.keys, mine[0].id)
    assert letter is not None
    return letter


def subjects_to(place: Place, email: str) -> list[str]:
    """Of all letters to this address."""
    with read_session(place.engine) as session:
        return [each.subject for each in letters(session) if each.recipient == email]
