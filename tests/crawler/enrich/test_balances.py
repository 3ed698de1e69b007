from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from crawler.database import read_session, upsert, write_session
from crawler.enrich.balances import Look, fetch_balances, look
from crawler.enrich.nodes import HeldState
from crawler.fetch import FetchedBlock
from crawler.models.chain import Transfer
from crawler.models.work import Sweep
from crawler.network import Network
from crawler.node.errors import NoNode
from crawler.parse.keys import SYSTEM_ACCOUNT_HASH
from crawler.sandbox.answers.state import known_account
from crawler.sandbox.chain import Chain
from crawler.sandbox.running import RunningNetwork, running
from crawler.sandbox.truth import transfers
from crawler.settings import CrawlerSettings
from tests.crawler.storing import crash_at, fill
from tests.databases import dump
from tests.factories import digest

DONE = "0 of 0 balances told"


def job(engine: Engine, network: Network, nodes: RunningNetwork) -> str:
    settings = CrawlerSettings(_env_file=None, rpc_nodes=",".join(nodes.urls))
    return fetch_balances(engine, network, settings)


def finish(engine: Engine, network: Network, nodes: RunningNetwork) -> None:
    for _ in range(20):
        if job(engine, network, nodes) == DONE:
            return
    pytest.fail("there is no end to it")


def balance_rows(chain: Chain, *, low: int = 0) -> list[dict[str, Any]]:
    """What the chain's own ledger says of every transfer's accounts."""
    pairs = {
        (account, transfer.height)
        for transfer in transfers(chain)
        for account in (transfer.from_account_hash, transfer.to_account_hash)
        if account not in (None, SYSTEM_ACCOUNT_HASH) and transfer.height >= low
    }
    return [
        {"account_hash": account, "height": height, "balance": _balance(chain, account, height)}
        for account, height in sorted(pairs)
    ]


def _balance(chain: Chain, account_hash: str, height: int) -> int | None:
    account = known_account(account_hash)
    return None if account is None else chain.ledger.balances.at(account.purse, height)


def held(engine: Engine) -> list[dict[str, Any]]:
    return dump(engine)["balance"]


def test_both_accounts_of_every_transfer_have_the_ledgers_balance(
    engine: Engine, chain: Chain, network: Network, fetched: list[FetchedBlock]
):
    fill(engine, network, fetched)
    with running(chain, nodes=2) as nodes:
        finish(engine, network, nodes)

    assert held(engine) == balance_rows(chain)


def test_states_that_no_node_holds_are_neither_asked_for_nor_zero(
    engine: Engine, chain: Chain, network: Network, fetched: list[FetchedBlock]
):
    fill(engine, network, fetched)
    with running(chain, faults={0: {"low": 60}}) as nodes:
        finish(engine, network, nodes)

    assert held(engine) == balance_rows(chain, low=60)


def test_a_node_with_all_states_completes_what_others_have_let_go(
    migrated_sqlite: Engine, chain: Chain, network: Network, fetched: list[FetchedBlock]
):
    fill(migrated_sqlite, network, fetched)
    with running(chain, nodes=2, faults={0: {"low": 60}, 1: {"low": 60}}) as nodes:
        finish(migrated_sqlite, network, nodes)
        nodes.set_faults(1, {})
        finish(migrated_sqlite, network, nodes)

    assert held(migrated_sqlite) == balance_rows(chain)


def test_the_newest_are_asked_for_first(
    engine: Engine, chain: Chain, network: Network, fetched: list[FetchedBlock]
):
    fill(engine, network, fetched)
    with read_session(engine) as session:
        found = look(session, HeldState(0, chain.height))

    heights = [each.height for each in found.wanted]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] == max(transfer.height for transfer in transfers(chain))


def test_what_nodes_cannot_tell_is_unknown_and_not_asked_for_again(
    engine: Engine, chain: Chain, network: Network, fetched: list[FetchedBlock]
):
    fill(engine, network, fetched[:10])
    stranger = digest("never seen on this chain")
    with write_session(engine) as session:
        row = dict(session.execute(select(*Transfer.__table__.c).limit(1)).one()._mapping)
        row |= {"height": 9, "index": 99, "from_account_hash": stranger, "to_account_hash": None}
        session.execute(insert(Transfer), [row])
    with running(chain) as nodes:
        finish(engine, network, nodes)

    assert {"account_hash": stranger, "height": 9, "balance": None} in held(engine)


@pytest.mark.parametrize(
    "faults", [{"http_status": 500}, {"garbage": True}, {"other_chain": True}, {"down": True}]
)
def test_without_a_usable_node_nothing_is_taken_for_unknown(
    migrated_sqlite: Engine,
    chain: Chain,
    network: Network,
    fetched: list[FetchedBlock],
    faults: dict[str, Any],
):
    fill(migrated_sqlite, network, fetched)
    with running(chain, faults={0: faults}) as nodes:
        with pytest.raises(NoNode) as error:
            job(migrated_sqlite, network, nodes)
        assert held(migrated_sqlite) == []
        assert nodes.urls[0] in str(error.value)

        nodes.set_faults(0, {})
        finish(migrated_sqlite, network, nodes)

    assert held(migrated_sqlite) == balance_rows(chain)


def test_blocks_that_are_crawled_later_are_found(
    migrated_sqlite: Engine, chain: Chain, network: Network, fetched: list[FetchedBlock]
):
    fill(migrated_sqlite, network, fetched[:40])
    with running(chain) as nodes:
        finish(migrated_sqlite, network, nodes)
        fill(migrated_sqlite, network, fetched)
        finish(migrated_sqlite, network, nodes)

    assert held(migrated_sqlite) == balance_rows(chain)


@pytest.mark.parametrize("statement", range(0, 60, 7))
def test_a_kill_at_any_moment_loses_nothing(
    migrated_sqlite: Engine,
    chain: Chain,
    network: Network,
    fetched: list[FetchedBlock],
    statement: int,
):
    fill(migrated_sqlite, network, fetched[:30])
    with running(chain) as nodes:
        with crash_at(migrated_sqlite, statement):
            job(migrated_sqlite, network, nodes)
        finish(migrated_sqlite, network, nodes)

    assert held(migrated_sqlite) == [row for row in balance_rows(chain) if row["height"] < 30]


def test_a_long_chain_is_swept_to_its_start_over_several_runs(
    migrated_sqlite: Engine,
):
    state = HeldState(0, 50_000)
    looks = []
    for position in (None, 29_500, 9_500):
        if position is not None:
            with write_session(migrated_sqlite) as session:
                row = {"name": "balances", "height": position}
                upsert(session, Sweep, [row], lambda new: {"height": new.height})
        with read_session(migrated_sqlite) as session:
            looks.append(look(session, state))

    assert looks == [Look([], 29_500), Look([], 9_500), Look([], 49_500, at_end=True)]
