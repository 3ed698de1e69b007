"""What curators' pages share: decisions called so that a refusal becomes a line on the page."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from sqlmodel import Session

from casper_dash.admin.people_forms import reason
from casper_dash.admin.state import Mistake
from casper_dash.auth.sessions import Person
from casper_dash.decisions.deed import Deed
from casper_dash.decisions.errors import DecisionError
from casper_dash.settings import AppSettings
from crawler.network import Network, load_network
from crawler.settings import load_settings

T = TypeVar("T")


@cache
def settings() -> AppSettings:
    """Of this process."""
    return load_settings(AppSettings)


@cache
def network() -> Network:
    """The one that the settings name."""
    return load_network(settings().network_name)


def deed_of(person: Person, form: Any) -> Deed:
    """By this person, now, for the reason in the form. Raises Mistake where there is none."""
    try:
        return Deed(person.actor, datetime.now(UTC), reason(form))
    except DecisionError as error:
        raise Mistake(sentence(error)) from error


def decided(change: Callable[[Session], T]) -> Callable[[Session], T]:
    """The same, but what curators may not do is the page's Mistake."""

    def told(session: Session) -> T:
        try:
            return change(session)
        except DecisionError as error:
            raise Mistake(sentence(error)) from error

    return told


def sentence(error: DecisionError) -> str:
    """The error's line as a sentence."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def whole(value: Any, what: str) -> int:
    """A number that a browser sent. Raises Mistake, naming `what`, where it is none."""
    text = str(value)[:40].strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        raise Mistake(f"{what} is a whole number, 0 or more.")
    return int(text)
