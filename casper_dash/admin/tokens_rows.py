"""API tokens as rows. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from casper_dash.admin.people_forms import text
from casper_dash.admin.state import Mistake
from casper_dash.admin.words import iso
from casper_dash.auth.tokens import Scope, Wanted
from casper_dash.queries.operation.tokens import Token

LIVES = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "a year"}
SCOPES = {
    Scope.READ: "read what the panel shows",
    Scope.CURATE: "decide and publish, too",
    Scope.ADMINISTER: "administer, too",
}


@dataclass(frozen=True)
class TokenRow:
    """A token, without its secret, which nobody has."""

    id: str = ""
    name: str = ""
    owner: str = ""
    scopes: str = ""
    made: str = ""
    expires: str = ""
    used: str = ""
    state: str = ""
    """live, expired, revoked or idle (of somebody who may not sign in)."""


def token_row(token: Token, now: datetime) -> TokenRow:
    """A row."""
    return TokenRow(
        id=token.id,
        name=token.name,
        owner=token.owner,
        scopes=token.scopes,
        made=iso(token.created_at),
        expires=iso(token.expires_at),
        used=iso(token.last_used_at),
        state=_state(token, now),
    )


def wanted(form: Any, now: datetime) -> Wanted:
    """The token that a form asks for. Raises Mistake."""
    days = text(form, "days")
    if days not in LIVES:
        raise Mistake("Choose how long the token is good.")
    scopes = frozenset(scope for scope in Scope if _checked(form, scope))
    return Wanted(text(form, "name", longest=100), scopes, now + timedelta(days=int(days)))


def _checked(form: Any, scope: Scope) -> bool:
    return isinstance(form, dict) and bool(form.get(f"scope-{scope}"))


def _state(token: Token, now: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    if token.expires_at <= now:
        return "expired"
    return "live" if token.owner_active else "idle"
