"""`run --once` goes on while anything comes, and says why it gives up."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, update

from crawler import orders, run
from crawler.database import read_session, transact
from crawler.models.figures import DeriveState
from crawler.models.work import CrawlRange
from crawler.progress import standing
from crawler.recrawl import recrawl
from crawler.run import CrawlFailed, Progress, run_once
from crawler.sandbox.running import running
from crawler.store import touch_eras
from tests.crawler.crawls import SMALL, SMALL_HEIGHT, chain_of, crawl_of, network_of


def progress(engine: Engine) -> Progress:
    with read_session(engine) as session:
        return Progress.of(session, standing(engine))


def test_a_complete_crawl_has_nothing_left(filled: Engine):
    now = progress(filled)

    assert now == Progress(SMALL_HEIGHT + 1, SMALL_HEIGHT + 1, 0, SMALL_HEIGHT)
    assert now.missing == 0


def test_what_is_missing_or_not_worked_out_is_left(filled: Engine):
    transact(filled, partial(touch_eras, eras=[3, 4]))
    transact(filled, lambda session: session.execute(update(DeriveState).values(depth_to=6)))
    transact(
        filled,
        lambda session: session.execute(
            insert(CrawlRange).values(first=1000, last=1006, attempts=0)
        ),
    )

    assert progress(filled) == Progress(SMALL_HEIGHT - 6, SMALL_HEIGHT + 1, 2, 6)


@pytest.mark.parametrize(
    ("then", "now", "beyond"),
    [
        (Progress(9, 20, 3, 5), Progress(9, 20, 3, 5), False),
        (Progress(9, 20, 3, 5), Progress(10, 25, 4, 5), True),
        (Progress(9, 20, 3, 5), Progress(9, 20, 2, 5), True),
        (Progress(9, 20, 3, 5), Progress(9, 20, 3, 6), True),
        (Progress(9, 20, 3, 5), Progress(8, 20, 4, 4), False),
    ],
)
def test_more_blocks_fewer_stale_eras_or_more_depths_are_progress(
    then: Progress, now: Progress, beyond: bool
):
    assert now.is_beyond(then) is beyond


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (Progress(9, 20, 3, 5), "11 of 20 blocks are missing"),
        (Progress(20, 20, 3, 5), "every block is held, 3 eras are not worked out"),
        (
            Progress(20, 20, 0, 5),
            "every block is held, transfers' depths are worked out to block 5",
        ),
    ],
)
def test_what_is_waited_for_is_told(left: Progress, told: str):
    assert left.left() == told


def test_a_crawl_that_is_paused_ends_at_once(migrated_sqlite: Engine, tmp_path: Path):
    chain = chain_of(20, **SMALL)
    network = network_of(chain, tmp_path)
    with running(chain, nodes=1) as nodes:
        crawl = crawl_of(migrated_sqlite, network, nodes.urls)
        crawl.prepare()
        now = datetime(2026, 1, 1, tzinfo=UTC)
        transact(migrated_sqlite, partial(orders.pause, name=orders.CRAWL, by="me", now=now))

        with pytest.raises(CrawlFailed, match=r"^the crawl is paused by an order$"):
            run_once(migrated_sqlite, network, crawl.settings)


def test_a_crawl_that_stands_still_says_what_it_waits_for(
    migrated_sqlite: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Another process holds the range that is left."""
    monkeypatch.setattr(run, "_STANDSTILL_S", 1)
    chain = chain_of(20, **SMALL)
    network = network_of(chain, tmp_path)
    with running(chain, nodes=1) as nodes:
        path = str(tmp_path / "network.toml")
        crawl = crawl_of(migrated_sqlite, network, nodes.urls).with_settings(network=path)
        crawl.to_head()
        transact(migrated_sqlite, partial(recrawl, first=5, last=6))
        forever = datetime(2100, 1, 1, tzinfo=UTC)
        held = {"owner": "another", "lease_until": forever, "last_error": "no node has it"}
        transact(migrated_sqlite, lambda session: session.execute(update(CrawlRange).values(held)))

        with pytest.raises(CrawlFailed) as caught:
            run_once(migrated_sqlite, network, crawl.settings)

    assert str(caught.value) == (
        "nothing came for 1 s: 2 of 21 blocks are missing; blocks 5 to 6: no node has it"
    )
