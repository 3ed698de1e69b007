"""v0's answers: compact JSON and bare text, without a charset, as the older server sent them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlmodel import Session
from starlette.responses import Response

from casper_dash.api.caching import GROWING, PUBLIC_HEADERS, SETTLED
from casper_dash.api.kinds import format_time
from casper_dash.queries.eras import settled_era

_MOTES_PER_CSPR = 10**9


def json_answer(content: Any, cache_control: str) -> Response:
    """Compact JSON, its keys in the order of `content`."""
    return _answer(orjson.dumps(content), "application/json", cache_control)


def text_answer(text: str, cache_control: str) -> Response:
    """The bare text."""
    return _answer(text.encode(), "text/plain", cache_control)


def _answer(body: bytes, content_type: str, cache_control: str) -> Response:
    # given as media_type, text would get a charset
    headers = {**PUBLIC_HEADERS, "Content-Type": content_type, "Cache-Control": cache_control}
    return Response(body, headers=headers)


def until_published(session: Session, era_id: int) -> str:
    """How long figures of an era hold: until the next publication, once the era is settled."""
    return SETTLED if era_id <= settled_era(session) else GROWING


def cspr(motes: int | None) -> int:
    """Whole CSPR, cut down; 0 for what is not known."""
    return 0 if motes is None else motes // _MOTES_PER_CSPR


def big_integer(number: int) -> orjson.Fragment:
    """A whole number of any length, as JSON digits."""
    return orjson.Fragment(str(number))


def number(value: Decimal) -> int | float:
    """The number as JavaScript would write it: a whole one without a point."""
    return int(value) if value == value.to_integral_value() else float(value)


def time_text(time: datetime | None) -> str | None:
    """RFC 3339 with milliseconds and Z."""
    return None if time is None else format_time(time)


def second_text(time: datetime) -> str:
    """The same, cut down to whole seconds."""
    return format_time(time.replace(microsecond=0))
