"""Query parameters: each is declared, given at most once, and of the kind that it is declared."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl

from casper_dash.api.kinds import Field, Kind
from casper_dash.api.problems import ParameterError, Problem, WrongParameters

MAX_QUERY_LENGTH = 4096
_SHOWN = 60


@dataclass(frozen=True)
class Parameter:
    """A query or path parameter; `argument` is its name in code, where that must differ."""

    name: str
    kind: Kind
    description: str
    argument: str = ""
    default: str | None = None
    required: bool = False

    @property
    def key(self) -> str:
        """Its name among the values that are read."""
        return self.argument or self.name


def read_query(query: bytes, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Values of the parameters that are given, by `key`.

    Raises WrongParameters naming everything that is wrong at once.
    """
    if len(query) > MAX_QUERY_LENGTH:
        raise Problem(400, f"a query is at most {MAX_QUERY_LENGTH} characters long")
    known = {parameter.name: parameter for parameter in parameters}
    values: dict[str, Any] = {}
    errors = []
    for name, text in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        parameter = known.get(name)
        if parameter is None:
            errors.append(_unknown(name, list(known)))
        elif parameter.key in values:
            errors.append(ParameterError(name, "given more than once", "one value"))
        else:
            values[parameter.key] = _read(parameter, text, errors)
    errors += [
        ParameterError(each.name, "is missing", each.kind.allowed)
        for each in parameters
        if each.required and each.key not in values
    ]
    if errors:
        raise WrongParameters(*errors)
    return values


def read_value(parameter: Parameter, text: str) -> Any:
    """The one value, of a path. Raises WrongParameters."""
    errors: list[ParameterError] = []
    value = _read(parameter, text, errors)
    if errors:
        raise WrongParameters(*errors)
    return value


def _read(parameter: Parameter, text: str, errors: list[ParameterError]) -> Any:
    try:
        return parameter.kind.parse(text)
    except ValueError:
        detail = f"{_shortened(text)} is not {parameter.kind.allowed}"
        errors.append(ParameterError(parameter.name, detail, parameter.kind.allowed))
        return None


def _unknown(name: str, known: list[str]) -> ParameterError:
    nearest = get_close_matches(name[:_SHOWN], known, 1)
    hint = f", did you mean {nearest[0]}?" if nearest else ""
    return ParameterError(name[:_SHOWN], f"no such parameter{hint}", ", ".join(known) or "none")


def _shortened(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def fields_parameter(fields: tuple[Field, ...]) -> Parameter:
    """`fields=a,b`: keeps those, in the order of the declaration."""
    names = [field.name for field in fields]

    def parse(text: str) -> tuple[Field, ...]:
        wanted = text.split(",")
        if not set(wanted) <= set(names):
            raise ValueError(text)
        return tuple(field for field in fields if field.name in wanted)

    schema = {"type": "string", "examples": [",".join(names[:2])]}
    kind = Kind(f"a comma list of {', '.join(names)}", schema, parse)
    return Parameter("fields", kind, "Keeps these fields only.")
