"""Addresses as settings and files name them: which are usable, and what of one may be shown."""

import re
from urllib.parse import urlsplit, urlunsplit

from pydantic import AnyHttpUrl, TypeAdapter

MASK = "***"
_HOST = re.compile(r"(\[[^]]*\]|[^:]*)(:\d{0,5})?")
_HTTP_URL = TypeAdapter(AnyHttpUrl)


def check_http_url(value: str) -> str:
    """The address as it was given. Raises ValueError unless HTTP can be spoken with it.

    A user name or password in it is refused: the clients here do not send them.
    """
    try:
        _HTTP_URL.validate_python(value)
        url = urlsplit(value)
        (url.hostname or "").encode("idna")  # what the system does before it asks for a name
    except ValueError as error:
        raise ValueError(_told(value, error)) from None  # its context shows the whole value
    if not url.hostname or value != value.strip():
        raise ValueError(_told(value))
    if "@" in url.netloc:
        raise ValueError(f"{shown_url(value)!r} has a user name or password in it: none is sent")
    return value


def _told(value: str, error: ValueError | None = None) -> str:
    if isinstance(error, UnicodeError):
        return f"{shown_url(value)!r} names no possible host"
    return f"{shown_url(value)!r} is no http:// or https:// address"


def shown_url(url: str) -> str:
    """An address for logs and people: no user, no password, the values of its query masked.

    One with nothing to hide comes back as it is. What only looks like an address is masked from
    where a password could stand in it.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    if not parts.netloc:
        return MASK if set(url) & set("@?#") else url
    shown = parts._replace(
        netloc=_host(parts.netloc),
        path=_after_at(parts.path),
        query="&".join(map(_shown_pair, parts.query.split("&"))) if parts.query else "",
        fragment=MASK if parts.fragment else "",
    )
    return url if shown == parts else urlunsplit(shown)


def _host(netloc: str) -> str:
    host = netloc.rpartition("@")[2]
    # what is no port can be the beginning of a password with a slash in it
    return host if _HOST.fullmatch(host) else MASK


def _after_at(path: str) -> str:
    before, at, after = path.rpartition("@")
    return f"/{MASK}@{after}" if at and before else path


def _shown_pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}={MASK}" if equals else MASK
