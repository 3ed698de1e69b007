"""What can be made wrong with a node, one switch each; all off is an honest, fast node."""

import json
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

T = TypeVar("T")

Positive = Annotated[int, Meta(gt=0)]
NotNegative = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One node's faults."""

    latency_ms: Annotated[float, Meta(ge=0)] = 0
    """Every answer comes this much later."""
    delay_qps: NotNegative = 0
    """More calls a second than this are put off to the next second, as real nodes do; 0: never."""
    rate_limit: NotNegative = 0
    """More calls a second than this are refused with status 429; 0: never."""
    error_rate: Share = 0
    """This share of calls, chosen by a seeded generator, is answered with error -32603."""
    http_status: Annotated[int, Meta(ge=400, le=599)] | None = None
    """Every call is answered with this status."""
    down: bool = False
    """Connections are dropped without an answer."""
    cut: bool = False
    """The connection ends in the middle of each answer."""
    slow_body: bool = False
    """The body comes in a few pieces, a second apart."""
    garbage: bool = False
    """Status 200, but the body is no JSON."""
    huge: bool = False
    """The body is announced as a gigabyte and sent as long as the caller reads."""
    null_block: bool = False
    """Every block is answered as null."""
    missing_results: bool = False
    """Deploys and transactions are known, their execution results are not."""
    behind: NotNegative = 0
    """The node's head is this many blocks old."""
    catching_up: bool = False
    """The node says that it has not reached the head yet."""
    low: NotNegative = 0
    """Blocks and state below this height are gone."""
    lie: Literal["hash", "body", "fork"] | None = None
    """Blocks under a wrong hash, with a wrong body, or from a consistent other history."""
    fork_from: Positive | None = None
    """First height of the other history; default: the middle of the chain at the first use."""
    other_chain: bool = False
    """The node is one of another network."""
    dialect: Literal["sidecar", "node-1x"] = "sidecar"
    """`node-1x` answers as a 1.x node does, which ends at the upgrade to 2.0."""


HONEST = Faults()


class Switch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order to give a node exactly these faults; without a node, all nodes."""

    faults: Faults
    node: NotNegative | None = None


def parse_faults(values: dict[str, Any]) -> Faults:
    """Faults by name. Raises ValueError that names what is wrong."""
    return _convert(values, Faults)


def parse_switch(order: Any) -> Switch:
    """An order as `/control` takes it. Raises ValueError."""
    return _convert(order, Switch)


def parse_switches(text: str) -> list[Switch]:
    """The `--faults` option: JSON as `/control` takes it, one or a list, or
    `node:fault=value,…` with `*` for all nodes. Raises ValueError."""
    if text.lstrip().startswith(("{", "[")):
        try:
            orders = json.loads(text)
        except ValueError as error:
            raise ValueError(f"faults are no JSON: {error}") from error
        return _convert(orders if isinstance(orders, list) else [orders], list[Switch])
    grouped: dict[int | None, dict[str, Any]] = {}
    for part in filter(None, text.split(",")):
        node, name, value = _short_form(part)
        grouped.setdefault(node, {})[name] = value
    return [Switch(parse_faults(values), node) for node, values in grouped.items()]


def _short_form(part: str) -> tuple[int | None, str, Any]:
    node, colon, fault = part.partition(":")
    name, _, value = fault.partition("=")
    if not colon or not (node == "*" or node.isdigit()):
        raise ValueError(f"a fault is written node:fault=value, not {part!r}")
    try:
        parsed = json.loads(value or "true")
    except ValueError:
        parsed = value
    return None if node == "*" else int(node), name.strip(), parsed


def _convert(values: Any, wanted: type[T]) -> T:
    try:
        return msgspec.convert(values, wanted)
    except msgspec.ValidationError as error:
        raise ValueError(f"faults: {error}") from error
