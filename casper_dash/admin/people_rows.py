"""People as rows, and what a new role would change for them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from casper_dash.admin.words import iso
from casper_dash.auth.people import Listed
from casper_dash.auth.roles import Role
from casper_dash.auth.tokens import Scope
from casper_dash.queries.operation.people import Around, Open

_MAY = {
    Role.VIEWER: "see everything of the panel but people, secrets and letters",
    Role.EDITOR: "decide, operate the crawl, and publish",
    Role.ADMINISTRATOR: "invite, change and dismiss people, and read letters",
}
_NO_INVITATION = "its link has expired"
LAST = "The last administrator: make another one before this one changes role or goes."


@dataclass(frozen=True)
class PersonRow:
    """Somebody who may sign in, or could once."""

    id: str = ""
    name: str = ""
    email: str = ""
    role: str = ""
    state: str = ""
    factor: str = ""
    passkeys: int = 0
    sessions: int = 0
    tokens: int = 0
    seen: str = ""
    guard: str = ""
    """Why role and state cannot change now; "" where they can."""
    own: bool = False


@dataclass(frozen=True)
class InvitedRow:
    """Somebody who has not come yet."""

    id: str = ""
    name: str = ""
    email: str = ""
    role: str = ""
    invited: str = ""
    expires: str = ""
    letter: str = ""
    trouble: bool = False


def person_rows(listed: Iterable[Listed], around: Around, own_id: str) -> list[PersonRow]:
    """Those who have come, in the order given."""
    all_people = list(listed)
    able = [one.id for one in all_people if _administers(one)]
    return [
        PersonRow(
            id=one.id,
            name=one.name,
            email=one.email,
            role=str(one.role),
            state=one.state,
            factor=_factor(one, around.passkeys.get(one.id, 0)),
            passkeys=around.passkeys.get(one.id, 0),
            sessions=around.sessions.get(one.id, 0),
            tokens=around.tokens.get(one.id, 0),
            seen=iso(one.last_seen_at),
            guard=LAST if able == [one.id] else "",
            own=one.id == own_id,
        )
        for one in all_people
        if one.state != "invited"
    ]


def invited_rows(listed: Iterable[Listed], links: dict[str, Open]) -> list[InvitedRow]:
    """Those who have not come, in the order given."""
    return [_invited(one, links.get(one.id)) for one in listed if one.state == "invited"]


def role_effects(row: PersonRow, role: Role) -> list[str]:
    """What would change for a person with another role, a sentence each; [] for the same."""
    before = Role(row.role)
    if role == before:
        return []
    low, high = sorted((before, role))
    between = [one for one in Role if low < one <= high]
    may = "May now" if role > before else "May no longer"
    effects = [f"{may} {_MAY[one]}." for one in between]
    if row.sessions:
        effects.append(f"{counted(row.sessions, 'session')} of {row.name} will end at once.")
    weaker = [str(scope) for scope in Scope if role < scope.needs <= before]
    if row.tokens and weaker:
        scopes = " and ".join(weaker)
        effects.append(f"The scope {scopes} of their tokens will be worth nothing.")
    return effects


def counted(count: int, noun: str) -> str:
    """1 session, 2 sessions."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _administers(one: Listed) -> bool:
    return one.role == Role.ADMINISTRATOR and one.state == "active"


def _factor(one: Listed, passkeys: int) -> str:
    app = "app" if one.second_factor else ""
    keys = counted(passkeys, "passkey") if passkeys else ""
    return " + ".join(part for part in (app, keys) if part) or "none yet"


def _invited(one: Listed, link: Open | None) -> InvitedRow:
    letter = _letter(link) if link else _NO_INVITATION
    return InvitedRow(
        id=one.id,
        name=one.name,
        email=one.email,
        role=str(one.role),
        invited=iso(one.created_at),
        expires=iso(link.expires_at) if link else "",
        letter=letter,
        trouble=link is None or link.letter == "failed" or bool(link.error),
    )


def _letter(link: Open) -> str:
    said = {"waiting": "waits to be sent", "sent": "sent", "failed": "refused"}
    words = said.get(link.letter, "not kept")
    return f"{words}: {link.error}" if link.error else words
