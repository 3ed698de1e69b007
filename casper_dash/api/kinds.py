"""Kinds of values: how each is read from a parameter, written into an answer and documented."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Schema = dict[str, Any]

_MAX_WHOLE = 2**63 - 1
_MOTES = "[0-9]{1,38}"
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?")


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Kind:
    """One kind of value.

    `parse` reads text, raising ValueError for what is not `allowed`; `render` gives what JSON
    holds. `schema` is OpenAPI's, of parameters and answers alike.
    """

    allowed: str
    schema: Schema
    parse: Callable[[str], Any]
    render: Callable[[Any], Any] = _as_it_is


@dataclass(frozen=True)
class Field:
    """One field of an answer. `compute` works it out of a row in which it is no column."""

    name: str
    kind: Kind
    description: str
    nullable: bool = False
    compute: Callable[[Mapping[str, Any]], Any] | None = None


def render_row(fields: tuple[Field, ...], row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as JSON holds it, in the order of `fields`."""
    return next(render_rows(fields, [row]))


def render_rows(
    fields: tuple[Field, ...], rows: Iterable[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Each row as JSON holds it, in the order of `fields`."""
    # looked up once, not for each of a hundred thousand cells
    plan = [
        (field.name, field.compute, None if field.kind.render is _as_it_is else field.kind.render)
        for field in fields
    ]
    for row in rows:
        answer = {}
        for name, compute, render in plan:
            value = compute(row) if compute else row[name]
            answer[name] = value if render is None or value is None else render(value)
        yield answer


def row_schema(fields: tuple[Field, ...]) -> Schema:
    """The schema of an object with these fields."""
    return {
        "type": "object",
        "properties": {field.name: _field_schema(field) for field in fields},
        "required": [field.name for field in fields],
    }


def _field_schema(field: Field) -> Schema:
    schema = field.kind.schema | {"description": field.description}
    if field.nullable:
        schema["type"] = [schema["type"], "null"]
    return schema


def format_time(value: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: 2026-11-24T13:05:12.384Z."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def format_decimal(value: Decimal) -> str:
    """All its digits, without exponent or trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def nested(fields: tuple[Field, ...]) -> Kind:
    """An object inside an answer; no parameter is one."""
    return replace(
        _UNREADABLE, schema=row_schema(fields), render=lambda row: render_row(fields, row)
    )


def listed(kind: Kind) -> Kind:
    """A list of such values inside an answer; no parameter is one."""
    return replace(
        _UNREADABLE,
        schema={"type": "array", "items": kind.schema},
        render=lambda values: [kind.render(value) for value in values],
    )


def whole(least: int, most: int) -> Kind:
    """A whole number from `least` to `most`."""
    allowed = f"a whole number from {least} to {most}"
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Kind(allowed, schema, lambda text: _whole(text, least, most))


def choice(*options: str) -> Kind:
    """One of a few words."""
    schema = {"type": "string", "enum": list(options)}
    values = {option: option for option in options}
    return Kind(" or ".join(options), schema, lambda text: _one_of(text, values))


def searched(most: int) -> Kind:
    """Text that people type, of 1 to `most` characters without control characters."""
    schema = {"type": "string", "minLength": 1, "maxLength": most}
    return Kind(f"text of 1 to {most} characters", schema, lambda text: _printable(text, most))


def either(*kinds: Kind) -> Kind:
    """A value of the first of these kinds that it is of."""
    allowed = ", or ".join(kind.allowed for kind in kinds)
    return Kind(
        allowed, {"anyOf": [kind.schema for kind in kinds]}, lambda text: _first(text, kinds)
    )


def pattern(expression: str, allowed: str) -> Kind:
    """Text of one form; hexadecimal digits are read in either case."""
    schema = {"type": "string", "pattern": f"^({expression})$"}
    return Kind(allowed, schema, lambda text: _matching(text, expression))


def _whole(text: str, least: int, most: int) -> int:
    # int() alone takes signs, spaces, underscores and digits of any script
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        raise ValueError(text)
    if not least <= int(text) <= most:
        raise ValueError(text)
    return int(text)


def _matching(text: str, expression: str) -> str:
    lower = text.lower()
    if not re.fullmatch(expression, lower):
        raise ValueError(text)
    return lower


def _printable(text: str, most: int) -> str:
    if not (text.strip() and text.isprintable() and len(text) <= most):
        raise ValueError(text)
    return text


def _first(text: str, kinds: tuple[Kind, ...]) -> Any:
    for kind in kinds:
        try:
            return kind.parse(text)
        except ValueError:
            continue
    raise ValueError(text)


def _one_of(text: str, values: Mapping[str, Any]) -> Any:
    if text not in values:
        raise ValueError(text)
    return values[text]


def _time(text: str) -> datetime:
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    time = datetime.fromisoformat(text)
    try:
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:  # the first or last hours that a datetime holds
        raise ValueError(text) from error


def _refuse(text: str) -> Any:
    raise ValueError(text)


_UNREADABLE = Kind("nothing", {}, _refuse)

WHOLE = whole(0, _MAX_WHOLE)
TEXT = replace(_UNREADABLE, schema={"type": "string"})
RANGES = replace(
    _UNREADABLE,
    schema={
        "type": "array",
        "items": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
    },
)
FLAG = Kind(
    "true or false",
    {"type": "boolean"},
    lambda text: _one_of(text, {"true": True, "false": False}),
)
MOTES = Kind(
    "a whole number of motes, at most 38 digits",
    {"type": "string", "pattern": f"^({_MOTES})$"},
    lambda text: int(_matching(text, _MOTES)),
    str,
)
SIGNED_MOTES = replace(
    _UNREADABLE, schema={"type": "string", "pattern": f"^-?{_MOTES}$"}, render=str
)
"""What burnt motes can make negative."""
DECIMAL = replace(
    _UNREADABLE,
    schema={"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    render=format_decimal,
)
TIME = Kind(
    "a date or an RFC 3339 time: 2026-11-24 or 2026-11-24T13:05:12Z",
    {"type": "string", "format": "date-time"},
    _time,
    format_time,
)
HASH = pattern("[0-9a-f]{64}", "a hash: 64 hexadecimal digits")
PUBLIC_KEY = pattern(
    "01[0-9a-f]{64}|02[0-9a-f]{66}", "a public key: 01 and 64 or 02 and 66 hexadecimal digits"
)
