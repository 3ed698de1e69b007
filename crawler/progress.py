"""How far a crawl is, and how it is told to whoever started it: a bar, or plain lines."""

import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from crawler.database import explain, read_session, snapshot
from crawler.models.chain import BLOCK
from crawler.models.figures import DERIVE_STATE, ERA_TOUCH
from crawler.models.work import CRAWL_RANGE, CRAWL_STATE
from crawler.node_watch import node_gauges
from crawler.telemetry import Gauges

log = structlog.get_logger(__name__)

_LINE_S = 5.0
_CALM_S = 5.0
_RATE_OVER_S = 30.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What is held of what should be."""

    held: int
    expected: int
    derived: bool
    """Every range is finished, and every figure worked out."""
    failure: str | None

    @property
    def complete(self) -> bool:
        return self.derived and 0 < self.expected <= self.held


def standing(engine: Engine) -> Standing:
    """Counts what is held below the planned head. Reads the ranges, and blocks of begun ones."""
    with snapshot(engine) as session:
        state = session.execute(
            select(CRAWL_STATE.crawl_from, CRAWL_STATE.planned_to, CRAWL_STATE.failure)
        ).one()
        expected = max(state.planned_to - state.crawl_from + 1, 0)
        missing = session.execute(
            select(func.coalesce(func.sum(CRAWL_RANGE.last - CRAWL_RANGE.first + 1), 0))
        ).scalar_one()
        held = expected - int(missing) + _held_in_begun_ranges(session)
        derived = _nothing_to_derive(session, state.crawl_from, state.planned_to)
        return Standing(held, expected, derived, state.failure)


def _held_in_begun_ranges(session: Session) -> int:
    question = (
        select(func.count())
        .select_from(BLOCK.height.table)
        .join(CRAWL_RANGE.first.table, BLOCK.height.between(CRAWL_RANGE.first, CRAWL_RANGE.last))
        .where(CRAWL_RANGE.attempts > 0)
    )
    return int(session.execute(question).scalar_one())


def _nothing_to_derive(session: Session, crawl_from: int, planned_to: int) -> bool:
    if session.execute(select(ERA_TOUCH.era_id).where(ERA_TOUCH.stale).limit(1)).first():
        return False
    # blocks can all be held before their range is finished, and depth ends below that range
    if session.execute(select(CRAWL_RANGE.first).limit(1)).first():
        return False
    depth_to = session.execute(select(DERIVE_STATE.depth_to)).scalar_one()
    return bool(crawl_from > 0 or depth_to >= planned_to)


def gauges(engine: Engine) -> Gauges:
    """Where the crawl stands, for `/metrics`; `crawler_database_up` alone without a database."""
    try:
        now = standing(engine)
        with read_session(engine) as session:
            head = session.execute(
                select(CRAWL_STATE.head_height, CRAWL_STATE.head_timestamp)
            ).first()
            newest = session.execute(
                select(BLOCK.height, BLOCK.timestamp).order_by(BLOCK.height.desc()).limit(1)
            ).first()
            nodes = node_gauges(session)
    except DBAPIError:
        return {"crawler_database_up": 0}
    found: Gauges = {
        "crawler_database_up": 1,
        "crawler_blocks_held": now.held,
        "crawler_blocks_missing": now.expected - now.held,
        "crawler_failed": now.failure is not None,
        **nodes,
    }
    if head is not None and head.head_height is not None and newest is not None:
        found["crawler_lag_blocks"] = max(head.head_height - newest.height, 0)
        lag = (head.head_timestamp - newest.timestamp).total_seconds()
        found["crawler_lag_seconds"] = max(lag, 0)
    return found


def show(display: "Display", engine: Engine) -> None:
    """Shows the newest standing; a database that is away is said, and waited for.

    Called again and again. At the head it asks less often than it is called.
    """
    if not display.is_due():
        return
    try:
        display.show(standing(engine))
    except DBAPIError as error:
        log.warning("database does not answer", reason=explain(error, engine))


class Rate:
    """Blocks a second over the last half minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, held: int) -> float:
        """The rate after this reading; 0 until there are two."""
        now = self._clock()
        self._seen.append((now, held))
        while now - self._seen[0][0] > _RATE_OVER_S:
            self._seen.popleft()
        then, before = self._seen[0]
        return (held - before) / (now - then) if now > then else 0.0


def time_left(standing_: Standing, rate: float) -> str:
    """For people: "3 min 20 s", "unknown" while nothing comes in, "none" when all is held."""
    missing = standing_.expected - standing_.held
    if missing <= 0:
        return "none"
    if rate <= 0:
        return "unknown"
    minutes, seconds = divmod(round(missing / rate), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


class Display:
    """Shows each standing: a bar on a terminal, elsewhere a line when something changed."""

    def __init__(self) -> None:
        self._rate = Rate()
        self._last_line = float("-inf")
        self._next = float("-inf")
        self._last_word = ""
        self._bar: Progress | None = None
        if sys.stderr.isatty():
            self._bar = Progress(
                TextColumn("blocks"),
                BarColumn(),
                MofNCompleteColumn(),
                TaskProgressColumn(),
                TextColumn("{task.fields[rate]:.0f}/s, time left {task.fields[left]}"),
                console=Console(stderr=True),
            )
            self._task = self._bar.add_task("", total=None, rate=0.0, left="unknown")
            self._bar.start()

    def is_due(self) -> bool:
        """Whether there may be something new to show."""
        return time.monotonic() >= self._next

    def show(self, now: Standing) -> None:
        """Takes the newest standing."""
        self._next = time.monotonic() + (_CALM_S if now.complete else 0)
        rate = self._rate.note(now.held)
        left = time_left(now, rate)
        if self._bar is not None:
            self._bar.update(
                self._task, total=now.expected, completed=now.held, rate=rate, left=left
            )
        elif self._is_line_due(now):
            self._last_line, self._last_word = time.monotonic(), _word(now)
            log.info(
                _word(now),
                held=now.held,
                of=now.expected,
                blocks_a_second=round(rate, 1),
                time_left=left,
            )

    def close(self) -> None:
        """Leaves the terminal as it was."""
        if self._bar is not None:
            self._bar.stop()

    def _is_line_due(self, now: Standing) -> bool:
        waited = time.monotonic() - self._last_line
        # at the head every block would be a line: once a minute is enough there
        pause = _LINE_S if now.held < now.expected else 12 * _LINE_S
        return waited >= pause or (_word(now) != self._last_word and now.held == now.expected)


def _word(now: Standing) -> str:
    if now.expected == 0:
        return "waiting for the nodes"
    return "crawling" if now.held < now.expected else "at the head"
