"""/nodes: how the crawlers see them, and what operators want of them."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta
from sqlmodel import Session

from casper_dash.api.admin_v1.action import Action, Answer, Doing, Line, in_transaction
from casper_dash.api.admin_v1.reading import PREFIX, Everything, Reading
from casper_dash.api.kinds import TEXT, TIME, WHOLE, Field
from casper_dash.api.kinds import searched as text_of
from casper_dash.api.problems import Problem
from casper_dash.api.resource import Listing, Resource, Rows
from casper_dash.auth.bodies import Strict
from casper_dash.auth.place import Place
from casper_dash.queries.operation.nodes import nodes, wanted_nodes
from casper_dash.queries.paging import Page, page_of
from crawler import node_orders
from crawler.node_orders import Ordered

_URL_CHARACTERS = 250
_URL = text_of(_URL_CHARACTERS)
_COUNTS = (
    ("calls", "Calls since these processes started."),
    ("failures", "Those that were no answer."),
    ("in_flight", "Calls under way."),
    ("allowed", "Calls under way that its pace allows."),
    ("score", "Calls a second that it is good for; 0 while not in use."),
)
_KNOWN = (
    ("height", "Its newest block."),
    ("available_low", "The first block that it has."),
    ("available_high", "The last one."),
    ("next_upgrade_era", "When it goes over."),
    ("p50_ms", "Milliseconds for half of its last answers."),
    ("p95_ms", "Milliseconds for 95 % of them."),
)
_WORDS = (
    ("build_version", "Its build."),
    ("protocol_version", "Its protocol."),
    ("next_upgrade", "What it goes over to."),
    ("reactor_state", "What it says of itself."),
    ("uptime", "As it words it."),
    ("last_error", "What it last did wrong."),
)


def readings(place: Place) -> tuple[Reading, ...]:
    """What is read of nodes and orders."""

    def seen(session: Session, _wanted: Everything, page: Page) -> Rows:
        found = nodes(session, place.now())
        return Rows(page_of([asdict(node) for node in found], ("url",), page))

    def orders(session: Session, _wanted: Everything, page: Page) -> Rows:
        found = wanted_nodes(session, place.now())
        return Rows(page_of([asdict(wish) for wish in found], ("url", "kind"), page))

    of_nodes = Resource(
        name="node",
        path=f"{PREFIX}/nodes",
        description="A node as every crawling process together sees it.",
        fields=(
            Field("url", _URL, "Its name: the address without what is secret in it."),
            Field("state", TEXT, "Whether and how it is used."),
            Field("since", TIME, "Since when."),
            Field("seen_at", TIME, "When a process last told of it."),
            Field("observers", WHOLE, "How many processes see it."),
            *(Field(name, WHOLE, text) for name, text in _COUNTS),
            *(Field(name, WHOLE, text, nullable=True) for name, text in _KNOWN),
            *(Field(name, TEXT, text, nullable=True) for name, text in _WORDS),
            Field("last_error_at", TIME, "When that was.", nullable=True),
        ),
        listing=_by_name("Nodes by name", seen, ("url",)),
    )
    of_orders = Resource(
        name="node_order",
        path=f"{PREFIX}/nodes/orders",
        description="What operators want of a node.",
        fields=(
            Field("url", _URL, "The node's name."),
            Field("kind", text_of(10), "add, ban, rest or test."),
            Field("reason", TEXT, "Why."),
            Field("until", TIME, "When it ends by itself; null: never.", nullable=True),
            Field("ordered_by", TEXT, "Who."),
            Field("ordered_at", TIME, "When."),
        ),
        listing=_by_name("Orders that hold, by node", orders, ("url", "kind")),
    )
    return Reading(of_nodes), Reading(of_orders)


def _by_name(summary: str, select: Any, key: tuple[str, ...]) -> Listing:
    return Listing(
        summary=summary,
        parameters=(),
        filter=Everything,
        select=select,
        key=key,
        descending=False,
    )


Url = Annotated[str, Meta(min_length=1, max_length=_URL_CHARACTERS)]
Moment = Annotated[datetime, Meta(tz=True)]


class AddNode(Strict):
    """A key in the address is kept, and never shown."""

    address: Annotated[str, Meta(min_length=1, max_length=500)]
    reason: Line


class RestNode(Strict):
    """Until when it is asked nothing."""

    url: Url
    reason: Line
    until: Moment


class BanNode(Strict):
    """Without `until`: until the order is taken back."""

    url: Url
    reason: Line
    until: Moment | None = None


class TestNode(Strict):
    """The node that every process is to ask at once."""

    url: Url


class TakeBack(Strict):
    """Which order."""

    url: Url
    kind: Literal["add", "ban", "rest"]


def _add(session: Session, doing: Doing, body: AddNode) -> Answer:
    url = node_orders.add(session, body.address, _ordered(doing, body.reason))
    return _noted(session, doing, "add", url, body.reason)


def _rest(session: Session, doing: Doing, body: RestNode) -> Answer:
    node_orders.rest(session, body.url, _ordered(doing, body.reason), body.until)
    return _noted(session, doing, "rest", body.url, body.reason)


def _ban(session: Session, doing: Doing, body: BanNode) -> Answer:
    node_orders.ban(session, body.url, _ordered(doing, body.reason), body.until)
    return _noted(session, doing, "ban", body.url, body.reason)


def _test(session: Session, doing: Doing, body: TestNode) -> Answer:
    node_orders.test(session, body.url, _ordered(doing, ""))
    return _noted(session, doing, "test", body.url)


def _take_back(session: Session, doing: Doing, body: TakeBack) -> Answer:
    if not node_orders.take_back(session, body.url, body.kind):
        raise Problem(409, "there is no such order, or it has ended already")
    return _noted(session, doing, f"{body.kind}.take_back", body.url)


def _ordered(doing: Doing, reason: str) -> Ordered:
    return Ordered(doing.person.name, reason, doing.now)


def _noted(session: Session, doing: Doing, deed: str, url: str, reason: str = "") -> Answer:
    doing.note(session, f"node.{deed}", f"node {url}", reason)
    return {"url": url}


def _order(name: str, summary: str, body: type[Strict], change: Any) -> Action:
    return Action(
        name=f"{name}_node".replace("-", "_"),
        path=f"{PREFIX}/nodes/{name}",
        summary=summary,
        body=body,
        run=in_transaction(change),
    )


ACTIONS = (
    _order("add", "Has a node join every pool", AddNode, _add),
    _order("rest", "Has a node asked nothing for a while", RestNode, _rest),
    _order("ban", "Has a node asked nothing", BanNode, _ban),
    _order("test", "Has every process ask a node for its status", TestNode, _test),
    _order("take-back", "Ends a ban or a rest, or drops an added node", TakeBack, _take_back),
)
