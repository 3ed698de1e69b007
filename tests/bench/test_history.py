"""Benchmarks stand on rows that a crawl would have stored: `check` finds no fault in them."""

from sqlalchemy import Engine, select

from bench.history import History, held
from crawler.check import check
from crawler.database import read_session
from crawler.derive.progress import derive_all
from crawler.models.work import CRAWL_STATE
from crawler.network import load_network
from crawler.run import prepare
from crawler.settings import CrawlerSettings


def test_a_filled_database_proves_right_and_goes_on(engine: Engine):
    network = load_network("sandbox")
    settings = CrawlerSettings(_env_file=None, rpc_nodes="http://127.0.0.1:1/rpc")
    prepare(engine, network, settings)
    history = History(blocks_per_era=20)
    for blocks in (150, 230):
        history.fill([engine], blocks)
        assert held(engine) == blocks
    derive_all(engine, network)

    assert check(engine, network).faults == []
    with read_session(engine) as session:
        assert session.execute(select(CRAWL_STATE.planned_to)).scalar_one() == 229
