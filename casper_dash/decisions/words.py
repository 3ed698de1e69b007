"""Texts that curators write, held to their bounds."""

from casper_dash.decisions.errors import Refused
from crawler.models.decisions import REASON_CHARACTERS


def reason_of(text: str) -> str:
    """The reason without white space around it. Raises Refused where it is empty or too long."""
    return required("a reason", text, REASON_CHARACTERS)


def required(name: str, text: str, most: int) -> str:
    """The text without white space around it. Raises Refused where it is empty or too long."""
    found = optional(name, text, most)
    if found is None:
        raise Refused(f"{name} is needed")
    return found


def optional(name: str, text: str | None, most: int) -> str | None:
    """The text without white space around it; None: empty. Raises Refused where it is too long."""
    found = (text or "").strip()
    if len(found) > most:
        raise Refused(f"{name} has at most {most} characters, these are {len(found)}")
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in found):
        raise Refused(f"{name} holds a control character")
    return found or None
