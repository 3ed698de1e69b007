"""A disk that fills up: told in one line, nothing half-written, and the crawl goes on after it."""

import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from crawler import ranges
from crawler.check import check
from crawler.database import explain
from crawler.sandbox.running import running
from tests.crawler.crawls import SMALL, chain_of, crawl_of, differences, network_of
from tests.databases import engine_of


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 1 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        if os.environ.get("CI_REQUIRE_ALL") == "1":
            pytest.fail(f"no file system can be mounted: {done.stderr}")
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_told_and_the_crawl_goes_on_when_there_is_room_again(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # what the crawl had claimed when it broke off is free again when its lease runs out
    monkeypatch.setattr(ranges, "LEASE", timedelta(seconds=1))
    chain = chain_of(400, **SMALL | {"mixture": "busy"})
    network = network_of(chain, tmp_path)
    engine = engine_of(f"sqlite:///{small_disk / 'casper_dash.db'}")
    with running(chain, nodes=2) as nodes:
        crawl = crawl_of(engine, network, nodes.urls)

        with pytest.raises((DBAPIError, ExceptionGroup)) as raised:
            crawl.to_head()

        told = _first(raised.value)
        assert explain(told, engine).endswith("database or disk is full")

        subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
        crawl.to_head()

    assert check(engine, network).faults == []
    assert differences(engine, chain) == {}
    engine.dispose()


def _first(error: BaseException) -> DBAPIError:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, DBAPIError)
    return error
