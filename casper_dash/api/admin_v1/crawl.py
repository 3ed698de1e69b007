"""/crawl: how far it is, what is missing, and orders to do some of it again."""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

from sqlmodel import Session

from casper_dash.api.admin_v1.action import (
    Action,
    Answer,
    Doing,
    Number,
    WithReason,
    in_transaction,
)
from casper_dash.api.admin_v1.reading import CACHE, PREFIX, Everything, Reading
from casper_dash.api.kinds import RANGES, TEXT, TIME, WHOLE, Field, choice
from casper_dash.api.problems import Problem
from casper_dash.api.resource import Found, Item, Listing, Resource, Rows
from casper_dash.auth.place import Place
from casper_dash.queries.network import crawl, crawl_state
from casper_dash.queries.operation.work import claims, worked_out
from casper_dash.queries.paging import Page, page_of
from crawler import orders
from crawler.orders import CRAWL, Span

MOST_AT_ONCE = 100_000
"""Blocks or eras in one order."""
_STATES = ("failed", "paused", "catching_up", "chain_halted", "at_head")


def _crawl(session: Session, _key: None, now: datetime) -> Found:
    found = crawl(session)
    figures = worked_out(session)
    row = {
        "state": crawl_state(found, now),
        "failure": found.failure,
        "paused_by": found.pause.by if found.pause else None,
        "paused_at": found.pause.at if found.pause else None,
        "crawl_from": found.crawl_from,
        "head": found.head.height if found.head else None,
        "newest": found.newest.height if found.newest else None,
        "newest_at": found.newest.timestamp if found.newest else None,
        "held": found.held,
        "expected": found.expected,
        "missing": found.missing_count,
        "ranges": found.missing,
        "eras": figures.eras,
        "stale_eras": figures.stale,
    }
    return Found(row, CACHE)


STATE = Resource(
    name="crawl",
    path=f"{PREFIX}/crawl",
    description="The crawl now, and what it has not got.",
    fields=(
        Field("state", choice(*_STATES), "What it does."),
        Field("failure", TEXT, "Why it cannot go on.", nullable=True),
        Field("paused_by", TEXT, "Who has paused it.", nullable=True),
        Field("paused_at", TIME, "When.", nullable=True),
        Field("crawl_from", WHOLE, "The first height that is to be held."),
        Field("head", WHOLE, "The nodes' newest block.", nullable=True),
        Field("newest", WHOLE, "The newest block that is held.", nullable=True),
        Field("newest_at", TIME, "Its time.", nullable=True),
        Field("held", WHOLE, "Blocks that are held."),
        Field("expected", WHOLE, "Blocks that there are."),
        Field("missing", WHOLE, "Blocks that are missing."),
        Field("ranges", RANGES, "The newest gaps: first and last height of each."),
        Field("eras", WHOLE, "Eras that there are."),
        Field("stale_eras", WHOLE, "Eras that are to be worked out anew."),
    ),
    item=Item(summary="The crawl as a whole", find=_crawl),
)


def readings(place: Place) -> tuple[Reading, ...]:
    """What is read of the crawl."""

    def claimed(session: Session, _wanted: Everything, page: Page) -> Rows:
        found = claims(session, place.now())
        return Rows(page_of([asdict(claim) for claim in found], ("first",), page))

    of_claims = Resource(
        name="claim",
        path=f"{PREFIX}/crawl/claims",
        description="Heights that a worker fetches now, or that failed before.",
        fields=(
            Field("first", WHOLE, "The first height."),
            Field("last", WHOLE, "The last one."),
            Field("owner", TEXT, "Who fetches them; null: nobody now.", nullable=True),
            Field("attempts", WHOLE, "How often somebody began."),
            Field("last_error", TEXT, "Why it failed.", nullable=True),
        ),
        listing=Listing(
            summary="At most 50 ranges under way, or that failed",
            parameters=(),
            filter=Everything,
            select=claimed,
            key=("first",),
        ),
    )
    return Reading(STATE), Reading(of_claims)


class OfSpan(WithReason):
    """Blocks or eras, both ends included."""

    first: Number
    last: Number


def _pause(session: Session, doing: Doing, body: WithReason) -> Answer:
    orders.pause(session, CRAWL, doing.person.name, doing.now)
    doing.note(session, "crawl.pause", "crawl", body.reason)
    return {"paused": True}


def _resume(session: Session, doing: Doing, body: WithReason) -> Answer:
    orders.resume(session, CRAWL, doing.person.name, doing.now)
    doing.note(session, "crawl.resume", "crawl", body.reason)
    return {"paused": False}


def _again(session: Session, doing: Doing, body: OfSpan, *, job: str, what: str) -> Answer:
    if not body.first <= body.last < body.first + MOST_AT_ONCE:
        raise Problem(400, f"give 1 to {MOST_AT_ONCE} {what}, the first before the last")
    span = Span(body.first, body.last)
    orders.run_now(session, job, doing.person.name, doing.now, span)
    doing.note(session, f"{job}.order", f"{what} {span.first} to {span.last}", body.reason)
    return {"job": job, "first": span.first, "last": span.last}


def _repair(session: Session, doing: Doing, body: WithReason) -> Answer:
    orders.run_now(session, "repair", doing.person.name, doing.now)
    doing.note(session, "repair.order", "job repair", body.reason)
    return {"job": "repair"}


def _order(name: str, summary: str, change: Any, body: type[WithReason] = WithReason) -> Action:
    return Action(
        name=f"{name}_crawl" if name in ("pause", "resume") else name,
        path=f"{PREFIX}/crawl/{name}",
        summary=summary,
        body=body,
        run=in_transaction(change),
    )


ACTIONS = (
    _order("pause", "Has every worker store what it has, and claim no more", _pause),
    _order("resume", "Has the crawl go on", _resume),
    _order(
        "recrawl",
        "Takes blocks back and fetches them again",
        partial(_again, job="recrawl", what="blocks"),
        OfSpan,
    ),
    _order(
        "recompute",
        "Works eras out anew",
        partial(_again, job="recompute", what="eras"),
        OfSpan,
    ),
    _order("repair", "Proves everything, and mends what is wrong", _repair),
)
