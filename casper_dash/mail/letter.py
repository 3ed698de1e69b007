"""A letter: one text, from which the plain and the HTML part are made."""

import json
from dataclasses import asdict, dataclass
from html import escape

from casper_dash.mail_address import is_mail_address

_SUBJECT_LENGTH = 200
_STYLE = "font:16px/1.5 system-ui,sans-serif;color:#14181f;max-width:36em"


class LetterError(ValueError):
    """It cannot be sent to this address, or under this subject."""


@dataclass(frozen=True)
class Letter:
    """Paragraphs before and after at most one link."""

    recipient: str
    subject: str
    paragraphs: tuple[str, ...]
    link: str = ""
    link_text: str = ""
    closing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not is_mail_address(self.recipient):
            raise LetterError("a recipient is one address like name@example.org")
        if not self.subject.isprintable() or not 0 < len(self.subject) <= _SUBJECT_LENGTH:
            raise LetterError("a subject is one line of at most 200 characters")

    def text(self) -> str:
        """The plain part."""
        link = (self.link,) if self.link else ()
        return "\n\n".join((*self.paragraphs, *link, *self.closing)) + "\n"

    def html(self) -> str:
        """The same as HTML; whatever people wrote is escaped."""
        parts = [f"<p>{escape(paragraph)}</p>" for paragraph in self.paragraphs]
        if self.link:
            parts.append(f'<p><a href="{escape(self.link)}">{escape(self.link_text)}</a></p>')
        parts += [f"<p>{escape(paragraph)}</p>" for paragraph in self.closing]
        return f'<!doctype html><html><body style="{_STYLE}">{"".join(parts)}</body></html>'

    def as_json(self) -> str:
        """As it is sealed in the outbox."""
        return json.dumps(asdict(self))


def letter_of(text: str) -> Letter:
    """The inverse of `Letter.as_json`."""
    values = json.loads(text)
    for name in ("paragraphs", "closing"):
        values[name] = tuple(values[name])
    return Letter(**values)
