"""Crawlers that wait shorter than in life, so that a schedule is over within seconds."""

from datetime import timedelta

import pytest

from crawler import crawl, filler, ranges
from crawler.node import member


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes are seconds, and a chain of a hundred blocks has ranges for everybody."""
    monkeypatch.setattr(ranges, "LEASE", timedelta(seconds=1))
    monkeypatch.setattr(ranges, "RANGE_BLOCKS", 20)
    monkeypatch.setattr(ranges, "NEWEST_BLOCKS", 5)
    monkeypatch.setattr(filler, "CHUNK_BLOCKS", 5)
    monkeypatch.setattr(crawl, "HEAD_POLL_S", 0.2)
    monkeypatch.setattr(crawl, "_STATUS_POLL_S", 0.5)
    monkeypatch.setattr(crawl, "_IDLE_S", 0.2)
    monkeypatch.setattr(crawl, "_WATCH_S", 0.3)
    monkeypatch.setattr(crawl, "_FAULT_PAUSE_S", 0.2)
    monkeypatch.setattr(crawl, "_NEAR_HEAD", 30)
    monkeypatch.setattr(member, "QUARANTINE_S", 1)
