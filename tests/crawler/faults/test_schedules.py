"""Whatever happens while it crawls, in the end the crawl holds the network's own truth."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from crawler.check import check
from crawler.sandbox.running import running
from tests.crawler.crawls import chain_of, crawl_of, differences, network_of
from tests.crawler.faults.schedule import schedule
from tests.crawler.faults.stage import play

FIRST = int(os.environ.get("FAULT_SEED", "1"))
SCHEDULES = int(os.environ.get("FAULT_SCHEDULES", "20"))
SETTINGS = {"rpc_timeout": 0.8, "rpc_concurrency": 6}


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("seed", range(FIRST, FIRST + SCHEDULES))
def test_after_any_schedule_of_faults_every_figure_is_the_networks_own(
    request: pytest.FixtureRequest, tmp_path: Path, seed: int
):
    drawn = schedule(seed)
    sys.stdout.write(f"FAULT_SEED={seed} FAULT_SCHEDULES=1\n{drawn}\n")
    engine = request.getfixturevalue(f"migrated_{drawn.database}")
    chain = chain_of(
        drawn.height, blocks_per_era=drawn.blocks_per_era, upgrade_era=8, mixture="mixed"
    )
    network = network_of(chain, tmp_path)
    with running(chain, drawn.nodes) as nodes:
        crawl = crawl_of(engine, network, nodes.urls, **SETTINGS)
        crawl.prepare()
        asyncio.run(play(drawn, nodes, crawl))

    assert differences(engine, chain) == {}
    assert check(engine, network).faults == []
