"""Who paid whom: native transfers of an era or an account, summed for each pair, cycles broken."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import eq
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select, union_all
from sqlmodel import Session

from casper_dash.queries.paging import Row, given, rows
from crawler.columns import motes_sum
from crawler.models.chain import KNOWN_ACCOUNT, TRANSFER
from crawler.parse.keys import is_hash


@dataclass(frozen=True)
class FlowFilter:
    """Transfers of an era, of an account hash, or of that account in that era; how many links."""

    era_id: int | None = None
    account: str | None = None
    limit: int = 20


@dataclass(frozen=True)
class Link:
    """All transfers from one account to another account or purse; motes.

    `returning`: drawn with the larger links, it would close a cycle.
    """

    source: str
    target: str
    amount: int
    count: int
    returning: bool = False


@dataclass(frozen=True)
class Node:
    """An account hash, or a purse that is no account's, with what the shown links move."""

    id: str
    name: str | None
    amount_in: int
    amount_out: int


@dataclass(frozen=True)
class Coverage:
    """Links and their sum in motes."""

    links: int
    amount: int


@dataclass(frozen=True)
class Flow:
    """The largest links by falling amount, their nodes, and how much of the whole they are."""

    nodes: list[Node]
    links: list[Link]
    shown: Coverage
    total: Coverage


# purses of an account are the account's: only those of nobody are told apart
_purse = case((TRANSFER.to_account_hash.is_(None), TRANSFER.target), else_="")


def flow(session: Session, wanted: FlowFilter) -> Flow:
    """The flow. Reads the indexes of era or account, every transfer of the selection."""
    sums = _sums(wanted).subquery()
    whole = session.execute(select(func.count(), motes_sum(sums.c.amount))).one()
    order = (sums.c.amount.desc(), sums.c.source, sums.c.account, sums.c.purse)
    found = rows(session, select(sums).order_by(*order).limit(wanted.limit))
    links = without_cycles(_link(row) for row in found)
    return Flow(
        nodes=_nodes(links, _names(session, links)),
        links=links,
        shown=Coverage(len(links), sum(link.amount for link in links)),
        total=Coverage(*whole),
    )


def _sums(wanted: FlowFilter) -> Select[Any]:
    conditions = [TRANSFER.kind == "native", *given((eq, TRANSFER.era_id, wanted.era_id))]
    if wanted.account is None:
        return _pairs(*conditions)
    sent = TRANSFER.from_account_hash == wanted.account
    received = TRANSFER.to_account_hash == wanted.account
    # two indexes, one each; what an account sends itself is among what it sent
    parts = (_pairs(*conditions, sent), _pairs(*conditions, received, ~sent))
    return select(union_all(*parts).subquery())


def _pairs(*conditions: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            TRANSFER.from_account_hash.label("source"),
            TRANSFER.to_account_hash.label("account"),
            _purse.label("purse"),
            motes_sum(TRANSFER.amount).label("amount"),
            func.count().label("transfers"),
        )
        .where(*conditions)
        .group_by(TRANSFER.from_account_hash, TRANSFER.to_account_hash, _purse)
    )


def _link(row: Row) -> Link:
    return Link(row["source"], row["account"] or row["purse"], row["amount"], row["transfers"])


def without_cycles(links: Iterable[Link]) -> list[Link]:
    """The links in their order, those marked as returning that would close a cycle.

    The others alone have none: a diagram whose layout needs that can draw them.
    """
    forward: dict[str, list[str]] = {}
    marked = []
    for link in links:
        closes = _reaches(forward, link.target, link.source)
        if not closes:
            forward.setdefault(link.source, []).append(link.target)
        marked.append(replace(link, returning=closes))
    return marked


def _reaches(forward: Mapping[str, Sequence[str]], start: str, end: str) -> bool:
    waiting, seen = [start], {start}
    while waiting:
        node = waiting.pop()
        if node == end:
            return True
        new = [each for each in forward.get(node, ()) if each not in seen]
        seen.update(new)
        waiting += new
    return False


def _nodes(links: Sequence[Link], names: Mapping[str, str]) -> list[Node]:
    """In the order in which the links name them."""
    amounts: dict[str, list[int]] = {}
    for link in links:
        amounts.setdefault(link.source, [0, 0])[1] += link.amount
        amounts.setdefault(link.target, [0, 0])[0] += link.amount
    return [Node(node, names.get(node), *moved) for node, moved in amounts.items()]


def _names(session: Session, links: Sequence[Link]) -> dict[str, str]:
    """Account hash → name, of the named ones. Reads the key of `known_account`."""
    accounts = {end for link in links for end in (link.source, link.target) if is_hash(end)}
    statement = select(KNOWN_ACCOUNT.account_hash, KNOWN_ACCOUNT.name).where(
        KNOWN_ACCOUNT.account_hash.in_(accounts), KNOWN_ACCOUNT.name.is_not(None)
    )
    return {row["account_hash"]: row["name"] for row in rows(session, statement)}
