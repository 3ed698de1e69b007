"""Work that operators order: eras worked out anew, blocks fetched again, everything proven."""

import time
from collections.abc import Sequence
from functools import partial

from sqlalchemy import Engine, func, select, update
from sqlmodel import Session

from crawler import orders
from crawler.database import read_session, transact
from crawler.derive.progress import derive
from crawler.job_run import Cancelled, OrderImpossible, Run
from crawler.models.chain import BLOCK
from crawler.models.figures import ERA_TOUCH, EraTouch
from crawler.models.nodes import NODE_STATE
from crawler.models.work import CRAWL_STATE
from crawler.network import Network
from crawler.node.member import ASKED
from crawler.orders import Span
from crawler.progress import standing
from crawler.ranges import RANGE_BLOCKS
from crawler.recrawl import recrawl
from crawler.repair import repair
from crawler.store import touch_eras

_POLL_S = 0.5
_ERAS_A_STATEMENT = 1000
_FAULTS_TOLD = 3


def recompute(engine: Engine, network: Network, run: Run) -> str:
    """The job: works the ordered eras out anew, and circulating supply from the first one on.

    Cancelled, the eras that are left stay as they were. Raises OrderImpossible.
    """
    span = _wanted(run)
    with read_session(engine) as session:
        held = select(ERA_TOUCH.era_id).where(ERA_TOUCH.era_id.between(span.first, span.last))
        eras = list(session.execute(held.order_by(ERA_TOUCH.era_id)).scalars())
    touched: dict[int, int] = {}
    for start in range(0, len(eras), _ERAS_A_STATEMENT):
        part = eras[start : start + _ERAS_A_STATEMENT]
        touched |= transact(engine, partial(_touch, eras=part))
    try:
        while derive(engine, network) and (left := _stale(engine, span)):
            done = max(len(eras) - len(left), 0)  # eras can have come meanwhile
            run.tell(f"{done} of {len(eras)} eras, up to era {left[0] - 1}", done, len(eras))
    except Cancelled:
        transact(engine, partial(_leave, touched=touched))
        raise
    derive(engine, network)  # the supply that waited for the last of them
    return f"{len(eras)} eras worked out anew"


def recrawl_span(engine: Engine, _network: Network, run: Run) -> str:
    """The job: takes the ordered blocks back, and waits until they are held again.

    Cancelled, it takes back no more; what it has taken back comes again all the same. Raises
    OrderImpossible where no node in use holds the blocks: they would be lost.
    """
    span = _wanted(run)
    with read_session(engine) as session:
        span = _fetchable(session, span)
    for first in range(span.first, span.last + 1, RANGE_BLOCKS):
        last = min(first + RANGE_BLOCKS - 1, span.last)
        transact(engine, partial(recrawl, first=first, last=last))
        run.tell(f"taken back up to block {last}")
    blocks = span.last - span.first + 1
    while (held := _held(engine, span)) < blocks:
        run.tell(f"{held} of {blocks} blocks held again{_if_paused(engine)}", held, blocks)
        time.sleep(_POLL_S)
    return f"blocks {span.first} to {span.last} fetched again"


def repair_all(engine: Engine, network: Network, run: Run) -> str:
    """The job: proves the database, and has fetched again and worked out anew what is wrong."""
    run.tell("proving what is held")
    found, left = repair(engine, network, partial(_await_crawl, engine, run))
    if left:
        told = "; ".join(left[:_FAULTS_TOLD])
        raise OrderImpossible(f"{len(found)} faults found, {len(left)} left: {told}")
    return f"{len(found)} faults found and mended" if found else "no fault found"


def _wanted(run: Run) -> Span:
    if run.span is None or not 0 <= run.span.first <= run.span.last:
        raise OrderImpossible(f"{run.name} needs to be told from where to where")
    return run.span


def _touch(session: Session, eras: Sequence[int]) -> dict[int, int]:
    """Marks eras as to be worked out; era → its count then, of those that were worked out."""
    mine = ERA_TOUCH.era_id.in_(eras)
    fresh = select(ERA_TOUCH.era_id, ERA_TOUCH.stored).where(mine, ~ERA_TOUCH.stale)
    before = session.execute(fresh.with_for_update()).all()
    touch_eras(session, eras)
    return {row.era_id: row.stored + 1 for row in before}


def _leave(session: Session, touched: dict[int, int]) -> None:
    """Takes marks back; an era whose blocks have changed meanwhile keeps its own."""
    for era_id, stored in touched.items():
        unchanged = ERA_TOUCH.era_id == era_id, ERA_TOUCH.stored == stored, ERA_TOUCH.stale
        session.execute(update(EraTouch).where(*unchanged).values(derived=stored, stale=False))


def _stale(engine: Engine, span: Span) -> list[int]:
    """Eras of the span that are not worked out, rising. Reads ix_era_touch_stale."""
    mine = ERA_TOUCH.era_id.between(span.first, span.last)
    question = select(ERA_TOUCH.era_id).where(ERA_TOUCH.stale, mine).order_by(ERA_TOUCH.era_id)
    with read_session(engine) as session:
        return list(session.execute(question).scalars())


def _fetchable(session: Session, span: Span) -> Span:
    """The part of the span that the crawl holds or plans."""
    crawl = session.execute(select(CRAWL_STATE.crawl_from, CRAWL_STATE.planned_to)).one()
    first, last = max(span.first, crawl.crawl_from), min(span.last, crawl.planned_to)
    if first > last:
        raise OrderImpossible(f"no block of {span.first} to {span.last} is crawled here")
    holds = NODE_STATE.available_low <= first, NODE_STATE.state.in_(ASKED)
    if session.execute(select(NODE_STATE.url).where(*holds).limit(1)).first() is None:
        raise OrderImpossible(f"no node in use holds block {first}: it could not be fetched again")
    return Span(first, last)


def _held(engine: Engine, span: Span) -> int:
    count = select(func.count()).where(BLOCK.height.between(span.first, span.last))
    with read_session(engine) as session:
        return int(session.execute(count).scalar_one())


def _await_crawl(engine: Engine, run: Run) -> None:
    """Until everything is held and worked out."""
    while not (now := standing(engine)).complete:
        left = now.expected - now.held
        run.tell(f"{left} blocks to be fetched{_if_paused(engine)}", now.held, now.expected)
        time.sleep(_POLL_S)


def _if_paused(engine: Engine) -> str:
    with read_session(engine) as session:
        pause = orders.paused(session, orders.CRAWL)
    return "" if pause is None else f"; the crawl is paused by {pause.by}"
