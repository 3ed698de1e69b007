from typing import Any

import pytest
from sqlalchemy import Engine, update

from crawler.database import read_session, write_session
from crawler.enrich.bid_history import EraBids, bids_at, newest_known_era
from crawler.enrich.bid_state import UNBONDING_ERAS, BidKey, BidValue
from crawler.enrich.bids import fetch_bids
from crawler.fetch import FetchedBlock
from crawler.models.chain import BLOCK, Block
from crawler.network import Network
from crawler.node.errors import NoNode
from crawler.sandbox.chain import Chain
from crawler.sandbox.running import RunningNetwork, running
from crawler.settings import CrawlerSettings
from tests.crawler.storing import crash_at, fill
from tests.databases import dump
from tests.factories import digest

DONE = "bids of 0 eras told, of 0 unknown"


def job(engine: Engine, network: Network, nodes: RunningNetwork) -> str:
    settings = CrawlerSettings(_env_file=None, rpc_nodes=",".join(nodes.urls))
    return fetch_bids(engine, network, settings)


def finish(engine: Engine, network: Network, nodes: RunningNetwork) -> None:
    for _ in range(20):
        if job(engine, network, nodes) == DONE:
            return
    pytest.fail("there is no end to it")


def state_after(chain: Chain, era_id: int, *, unbondings: bool = True) -> EraBids:
    """The chain's own auction after an era's switch block."""
    height = chain.switch_block(era_id).height
    state = {}
    for (validator, who), amount in chain.auction.stakes.items_at(height):
        if who:
            state[BidKey(validator, who, "delegation", 0)] = BidValue(amount)
        else:
            commission = chain.auction.commission_of(validator)
            state[BidKey(validator, "", "bid", 0)] = BidValue(amount, commission, False)
    for each in chain.auction.pending_at(height) if unbondings else ():
        release = each.era_of_creation + UNBONDING_ERAS
        key = BidKey(each.validator, each.unbonder, "unbonding", release)
        state[key] = BidValue(state.get(key, BidValue(0)).amount + each.amount)
    return EraBids(state, unbondings)


def complete_eras(chain: Chain) -> list[int]:
    return [block.header.era_id for block in chain.blocks if block.is_switch]


def known(engine: Engine, eras: list[int]) -> dict[int, EraBids | None]:
    with read_session(engine) as session:
        return {era_id: bids_at(session, era_id) for era_id in eras}


def test_every_eras_bids_are_the_auctions_own(
    engine: Engine, chain: Chain, network: Network, fetched: list[FetchedBlock]
):
    fill(engine, network, fetched)
    with running(chain, nodes=2) as nodes:
        finish(engine, network, nodes)

    eras = complete_eras(chain)
    told = known(engine, eras)
    assert told == {era_id: state_after(chain, era_id) for era_id in eras}
    assert any(key.kind == "unbonding" for bids in told.values() for key in bids.state)
    with read_session(engine) as session:
        assert newest_known_era(session) == eras[-1]
        assert bids_at(session, eras[-1] + 1) is None


def test_the_order_of_crawling_does_not_show(
    migrated_sqlite: Engine, chain: Chain, network: Network, fetched: list[FetchedBlock]
):
    engine = migrated_sqlite
    with running(chain) as nodes:
        for count in (13, 57, 60, 61, 102):  # newest first within each part
            fill(engine, network, fetched[:count])
            finish(engine, network, nodes)
    rows = dump(engine)["bid"]
    assert len({(*row.values(),) for row in rows}) == len(rows)

    eras = complete_eras(chain)
    assert known(engine, eras) == {era_id: state_after(chain, era_id) for era_id in eras}


def test_1x_nodes_tell_no_unbondings(
    engine: Engine, chain: Chain, network: Network, fetched: list[FetchedBlock]
):
    last = chain.switch_block(chain.parameters.upgrade_era - 1).height
    fill(engine, network, fetched[: last + 1])
    with running(chain, faults={0: {"dialect": "node-1x"}}) as nodes:
        finish(engine, network, nodes)

    eras = [era_id for era_id in complete_eras(chain) if era_id < chain.parameters.upgrade_era]
    told = known(engine, eras)
    assert told == {era_id: state_after(chain, era_id, unbondings=False) for era_id in eras}


def test_eras_whose_state_is_gone_stay_unknown(
    engine: Engine, chain: Chain, network: Network, fetched: list[FetchedBlock]
):
    fill(engine, network, fetched)
    with running(chain, faults={0: {"low": 60}}) as nodes:
        finish(engine, network, nodes)
        gone = [era_id for era_id in complete_eras(chain) if chain.switch_block(era_id).height < 60]
        assert set(known(engine, gone).values()) == {None}

        nodes.set_faults(0, {})
        finish(engine, network, nodes)

    eras = complete_eras(chain)
    assert known(engine, eras) == {era_id: state_after(chain, era_id) for era_id in eras}


def test_the_newest_come_first(
    migrated_sqlite: Engine, chain: Chain, network: Network, fetched: list[FetchedBlock]
):
    fill(migrated_sqlite, network, fetched)
    with running(chain) as nodes:
        told = job(migrated_sqlite, network, nodes)

    assert told == "bids of 5 eras told, of 0 unknown"
    asked = [row["era_id"] for row in dump(migrated_sqlite)["bid_era"]]
    assert asked == complete_eras(chain)[-5:]


@pytest.mark.parametrize("faults", [{"http_status": 500}, {"garbage": True}, {"cut": True}])
def test_without_a_usable_node_nothing_is_taken_for_unknown(
    migrated_sqlite: Engine,
    chain: Chain,
    network: Network,
    fetched: list[FetchedBlock],
    faults: dict[str, Any],
):
    fill(migrated_sqlite, network, fetched)
    with running(chain, faults={0: faults}) as nodes, pytest.raises(NoNode):
        job(migrated_sqlite, network, nodes)

    assert dump(migrated_sqlite)["bid_era"] == []


@pytest.mark.parametrize("statement", range(1, 40, 5))
def test_a_kill_at_any_moment_loses_nothing(
    migrated_sqlite: Engine,
    chain: Chain,
    network: Network,
    fetched: list[FetchedBlock],
    statement: int,
):
    fill(migrated_sqlite, network, fetched[:40])
    eras = [era_id for era_id in complete_eras(chain) if chain.switch_block(era_id).height < 40]
    with running(chain) as nodes:
        with crash_at(migrated_sqlite, statement):
            job(migrated_sqlite, network, nodes)
        finish(migrated_sqlite, network, nodes)

    told = known(migrated_sqlite, eras)
    assert told == {era_id: state_after(chain, era_id) for era_id in eras}


def swap_hash(engine: Engine, height: int, block_hash: str) -> None:
    with write_session(engine) as session:
        session.execute(update(Block).where(BLOCK.height == height).values(hash=block_hash))


def test_an_era_that_no_holder_can_tell_is_unknown_and_not_asked_for_again(
    engine: Engine, chain: Chain, network: Network, fetched: list[FetchedBlock]
):
    fill(engine, network, fetched)
    era_id = complete_eras(chain)[-1]
    swap_hash(engine, chain.switch_block(era_id).height, digest("of no block"))
    with running(chain) as nodes:
        assert job(engine, network, nodes) == "bids of 4 eras told, of 1 unknown"
        finish(engine, network, nodes)

    assert known(engine, [era_id]) == {era_id: None}


def test_an_answer_about_another_block_is_not_believed(
    migrated_sqlite: Engine, chain: Chain, network: Network, fetched: list[FetchedBlock]
):
    fill(migrated_sqlite, network, fetched)
    era = complete_eras(chain)[-1]
    height = chain.switch_block(era).height
    swap_hash(migrated_sqlite, height, chain.blocks[height - 1].hash.hex())
    with running(chain) as nodes:
        job(migrated_sqlite, network, nodes)

    assert era not in {row["era_id"] for row in dump(migrated_sqlite)["bid_era"]}
