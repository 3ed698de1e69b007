"""How a crawl tells its progress: a bar on a terminal, plain lines elsewhere."""

import asyncio
import io
import os
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from structlog.testing import capture_logs

from crawler.crawl import open_crawler
from crawler.models.chain import BLOCK
from crawler.progress import Display, Standing
from crawler.sandbox.running import running
from tests.crawler.crawls import SMALL, chain_of, crawl_of, network_of


def _all_of(screen: int) -> str:
    """What was written to a terminal that is closed by now."""
    shown = b""
    with suppress(OSError):  # how Linux tells the end of it
        while part := os.read(screen, 4096):
            shown += part
    os.close(screen)
    return shown.decode()


def standing(held: int, expected: int) -> Standing:
    return Standing(held, expected, derived=held == expected, failure=None)


def test_a_terminal_shows_a_bar_with_rate_and_time_left(monkeypatch: pytest.MonkeyPatch):
    screen, terminal = os.openpty()
    with os.fdopen(terminal, "w") as stderr:
        monkeypatch.setattr("sys.stderr", stderr)
        monkeypatch.setenv("TERM", "xterm")
        display = Display()
        with capture_logs() as lines:
            display.show(standing(250, 1000))
        display.close()
    shown = _all_of(screen)

    assert "250/1000" in shown
    assert "/s, time left unknown" in shown
    assert lines == []


def test_elsewhere_it_is_lines_and_few_of_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    with (tmp_path / "log").open("w") as stderr, capture_logs() as lines:
        monkeypatch.setattr("sys.stderr", stderr)
        display = Display()
        for held in (0, 10, 20, 100, 100, 100):
            display.show(standing(held, 100))
        display.close()

    assert [(line["event"], line["held"], line["of"]) for line in lines] == [
        ("crawling", 0, 100),
        ("at the head", 100, 100),
    ]


def test_at_the_head_the_database_is_asked_less_often(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stderr", io.StringIO())
    display = Display()
    assert display.is_due()

    with capture_logs():
        display.show(standing(100, 100))
        assert not display.is_due()
        display.show(standing(100, 101))
        assert display.is_due()


def test_a_new_database_holds_the_newest_blocks_before_the_past(
    migrated_sqlite: Engine, tmp_path: Path
):
    chain = chain_of(400, **SMALL)
    with running(chain, nodes=1) as nodes:
        crawl = crawl_of(migrated_sqlite, network_of(chain, tmp_path), nodes.urls)
        crawl.prepare()

        async def one_range() -> None:
            async with open_crawler(crawl.engine, crawl.network, crawl.settings) as crawler:
                head = await crawler.look()
                await crawler.crawl_one(asyncio.Event(), above=head.height - 200)

        asyncio.run(one_range())

    with migrated_sqlite.connect() as connection:
        held = connection.execute(select(BLOCK.height).order_by(BLOCK.height)).scalars().all()
    assert held == list(range(381, 401))
