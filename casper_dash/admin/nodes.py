"""Nodes: how the crawling processes see them, and what operators want of them."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, get_args

import reflex as rx
from sqlmodel import Session

from casper_dash.admin.frame import for_editors, frame
from casper_dash.admin.nodes_rows import NodeRow, WishRow, node_row, wish_row
from casper_dash.admin.state import AdminState, Deed, Mistake
from casper_dash.admin.tables import small_button, table
from casper_dash.auth.roles import Role
from casper_dash.components.forms import field
from casper_dash.components.panels import panel
from casper_dash.components.states import empty, tag
from casper_dash.queries.operation.nodes import nodes, wanted_nodes
from crawler import node_orders
from crawler.addresses import shown_url
from crawler.node.member import WishKind
from crawler.node_orders import Ordered

_REST = timedelta(minutes=30)


class NodesState(AdminState):
    """Nodes and the orders that hold."""

    rows: list[NodeRow] = []
    wishes: list[WishRow] = []
    barring: str = ""
    """The node whose ban is being asked for."""
    loaded: bool = False

    @rx.event
    async def refresh(self) -> None:
        """Reads everything anew."""
        await self.require(Role.VIEWER, active=False)
        now = datetime.now(UTC)
        found, wishes = await self.look(
            lambda session: (nodes(session, now), wanted_nodes(session, now))
        )
        head = self.pill.head
        self._show(
            rows=[node_row(node, head, now) for node in found],
            wishes=[wish_row(wish, now) for wish in wishes if wish.kind != "test"],
            loaded=True,
        )

    @rx.event
    async def test(self, url: str) -> None:
        """Every process asks the node for its status at once."""
        person = await self.require(Role.EDITOR)
        change = partial(node_orders.test, url=_name(url), ordered=_by(person.name, ""))
        await self.act(
            person, Deed("node.test", f"node {url}", change, said=f"{url} is asked now.")
        )

    @rx.event
    async def rest(self, url: str) -> None:
        """The node is asked nothing for half an hour."""
        person = await self.require(Role.EDITOR)
        ordered = _by(person.name, "rests for 30 min")
        until = ordered.at + _REST
        change = partial(node_orders.rest, url=_name(url), ordered=ordered, until=until)
        await self.act(
            person,
            Deed("node.rest", f"node {url}", change, ordered.reason, f"{url} rests for 30 min."),
        )

    @rx.event
    async def begin_ban(self, url: str) -> None:
        """Asks for the reason."""
        await self.require(Role.EDITOR)
        self.barring = _name(url)

    @rx.event
    async def end_ban(self) -> None:
        """Does not ban after all."""
        await self.require(Role.EDITOR)
        self.barring = ""

    @rx.event
    async def ban(self, form: dict[str, Any]) -> None:
        """The node is asked nothing until the order is taken back."""
        person = await self.require(Role.EDITOR)
        url, reason = _name(form.get("url")), _text(form.get("reason"))
        change = partial(node_orders.ban, url=url, ordered=_by(person.name, reason))
        await self.act(person, Deed("node.ban", f"node {url}", change, reason, f"{url} is banned."))
        self.barring = ""

    @rx.event
    async def add(self, form: dict[str, Any]) -> None:
        """The node joins every pool."""
        person = await self.require(Role.EDITOR)
        address, reason = _text(form.get("address")), _text(form.get("reason"))
        added = _by(person.name, reason)

        def change(session: Session) -> None:
            node_orders.add(session, address, added)

        await self.act(
            person,
            Deed(
                "node.add",
                f"node {_shown(address)}",
                change,
                reason,
                "The node joins within seconds.",
            ),
        )

    @rx.event
    async def take_back(self, url: str, kind: str) -> None:
        """Ends an order."""
        person = await self.require(Role.EDITOR)
        order = next((known for known in get_args(WishKind) if known == kind), None)
        if order is None:
            raise Mistake("There is no such order.")

        def change(session: Session) -> None:
            if not node_orders.take_back(session, _name(url), order):
                raise Mistake("That order has ended already.")

        await self.act(
            person, Deed(f"node.{kind}.take_back", f"node {url}", change, said="Taken back.")
        )


REFRESH = NodesState.refresh


def page() -> rx.Component:
    """Nodes."""
    return frame(
        _nodes(), _wishes(), for_editors(_add()), title="Nodes", here="/nodes", refresh=REFRESH
    )


def _by(name: str, reason: str) -> Ordered:
    return Ordered(name, reason, datetime.now(UTC))


def _name(url: Any) -> str:
    if not isinstance(url, str) or not url:
        raise Mistake("There is no such node.")
    return url


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _shown(address: str) -> str:
    try:
        return shown_url(address)[:200]
    except ValueError:
        return "an address"


def _nodes() -> rx.Component:
    rows = table(
        "Node",
        "State",
        "Height>",
        "Holds>",
        "p50 / p95 ms>",
        "Errors %>",
        "Version",
        "Weight>",
        "",
        rows=rx.foreach(NodesState.rows, _node),
        label="Nodes",
    )
    none = empty(
        "No crawler has told of a node within a minute.",
        then="Is a crawler running? RPC_NODES names its first nodes.",
    )
    return panel(
        rx.cond(NodesState.rows, rows, rx.cond(NodesState.loaded, none)),
        rx.cond(NodesState.barring, _ban()),
        title="Nodes as the crawlers see them",
        name="nodes",
    )


def _node(node: NodeRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            node.url,
            rx.cond(node.last_error, rx.el.p(node.last_error, class_name="quiet wide-text")),
            scope="row",
        ),
        rx.el.td(
            rx.match(
                node.tone,
                *((tone, tag(node.state, tone=tone)) for tone in ("ok", "warn", "error")),
                tag(node.state, tone="plain"),
            )
        ),
        rx.el.td(node.height, _small(node.behind), class_name="number right"),
        *(
            rx.el.td(text, class_name="number right")
            for text in (node.holds, node.delay, node.errors)
        ),
        rx.el.td(node.version, _small(node.uptime)),
        rx.el.td(node.weight, class_name="number right"),
        rx.el.td(
            for_editors(
                rx.fragment(
                    small_button("Test", NodesState.test(node.url), of=node.url),
                    rx.cond(
                        node.held_back,
                        rx.fragment(),
                        rx.fragment(
                            small_button("Rest 30 min", NodesState.rest(node.url), of=node.url),
                            small_button("Ban …", NodesState.begin_ban(node.url), of=node.url),
                        ),
                    ),
                )
            ),
            class_name="actions",
        ),
    )


def _small(text: str) -> rx.Component:
    return rx.cond(text, rx.el.p(text, class_name="quiet"))


def _ban() -> rx.Component:
    return rx.el.form(
        rx.el.p(
            "Ban ",
            rx.el.strong(NodesState.barring),
            ": it is asked nothing until the order is taken back.",
        ),
        rx.el.input(type="hidden", name="url", value=NodesState.barring),
        field("reason", "Reason", max_length=200, id="ban-reason"),
        rx.el.div(
            rx.el.button("Ban the node", type="submit", class_name="button button-main"),
            rx.el.button(
                "Keep it", type="button", class_name="button", on_click=NodesState.end_ban
            ),
            class_name="row",
        ),
        on_submit=NodesState.ban,
        class_name="form inset",
    )


def _wishes() -> rx.Component:
    return rx.cond(
        NodesState.wishes,
        panel(
            table(
                "Node",
                "Order",
                "Reason",
                "By",
                "Holds",
                "",
                rows=rx.foreach(NodesState.wishes, _wish),
                label="Orders",
            ),
            title="Orders",
            name="orders",
        ),
    )


def _wish(wish: WishRow) -> rx.Component:
    back = small_button("Take back", NodesState.take_back(wish.url, wish.kind), of=wish.url)
    return rx.el.tr(
        rx.el.th(wish.url, scope="row"),
        rx.el.td(wish.kind),
        rx.el.td(wish.reason, class_name="wide-text"),
        rx.el.td(wish.by),
        rx.el.td(wish.until),
        rx.el.td(for_editors(back), class_name="actions"),
    )


def _add() -> rx.Component:
    return panel(
        rx.el.form(
            field(
                "address",
                "Address of its JSON-RPC",
                type="url",
                placeholder="http://node.example.org:7777/rpc",
                about="A key in it is kept, and never shown.",
                max_length=500,
            ),
            field("reason", "Reason", max_length=200),
            rx.el.button("Add the node", type="submit", class_name="button"),
            on_submit=NodesState.add,
            reset_on_submit=True,
            class_name="form form-row",
        ),
        title="Add a node",
        name="add",
    )
