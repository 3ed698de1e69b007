import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import Engine, insert
from structlog.testing import capture_logs

from crawler.database import write_session
from crawler.enrich.nodes import HeldState, calls_in_flight, held_state, holds_state, open_pool
from crawler.enrich.told import Told, ask_state
from crawler.models.work import CrawlRange
from crawler.network import Network
from crawler.node.pool import Pool
from crawler.parse.supply import parse_balance
from crawler.sandbox.chain import Chain
from crawler.sandbox.running import RunningNetwork, running
from crawler.settings import CrawlerSettings

Result = TypeVar("Result")


def within_pool(
    engine: Engine,
    network: Network,
    nodes: RunningNetwork,
    ask: Callable[[Pool], Awaitable[Result]],
) -> Result:
    async def asking() -> Result:
        settings = CrawlerSettings(_env_file=None, rpc_nodes=",".join(nodes.urls))
        async with open_pool(engine, network, settings) as pool:
            return await ask(pool)

    return asyncio.run(asking())


def test_the_held_state_reaches_over_all_usable_nodes(
    migrated_sqlite: Engine, chain: Chain, network: Network
):
    async def ask(pool: Pool) -> HeldState | None:
        return held_state(pool)

    faults = {0: {"low": 40}, 1: {"low": 20, "behind": 50}, 2: {"http_status": 500}}
    with running(chain, nodes=3, faults=faults) as nodes:
        held = within_pool(migrated_sqlite, network, nodes, ask)

    assert held == HeldState(20, chain.height)


def test_a_node_that_failed_a_moment_ago_does_not_count_as_holding_a_state(
    migrated_sqlite: Engine, chain: Chain, network: Network
):
    async def ask(pool: Pool) -> tuple[bool, bool]:
        before = holds_state(pool, 50)
        pool.members[0].failures = 1  # its rest is over, but it has not answered since
        return before, holds_state(pool, 50)

    with running(chain) as nodes:
        assert within_pool(migrated_sqlite, network, nodes, ask) == (True, False)


def test_one_call_is_in_flight_while_blocks_are_missing(engine: Engine):
    assert calls_in_flight(engine) == 4

    with write_session(engine) as session:
        session.execute(insert(CrawlRange).values(first=5, last=9, attempts=0))

    assert calls_in_flight(engine) == 1


def test_a_node_that_stays_away_is_logged_once(
    migrated_sqlite: Engine, chain: Chain, network: Network
):
    async def nothing(_pool: Pool) -> None: ...

    with running(chain) as nodes, capture_logs() as logs:
        nodes.set_faults(0, {"http_status": 500})
        within_pool(migrated_sqlite, network, nodes, nothing)
        within_pool(migrated_sqlite, network, nodes, nothing)
        nodes.set_faults(0, {})
        within_pool(migrated_sqlite, network, nodes, nothing)
        within_pool(migrated_sqlite, network, nodes, nothing)

    assert [entry["event"] for entry in logs] == ["node does not answer", "node answers again"]


def test_what_every_holder_refuses_is_told_to_be_unknown(
    migrated_sqlite: Engine, chain: Chain, network: Network
):
    async def ask(pool: Pool) -> Told[int] | None:
        return await ask_state(pool, "no_such_method", {}, parse_balance, height=50)

    with running(chain, nodes=2) as nodes:
        assert within_pool(migrated_sqlite, network, nodes, ask) == Told(None)


def test_what_no_node_holds_is_not_told(migrated_sqlite: Engine, chain: Chain, network: Network):
    async def ask(pool: Pool) -> Told[int] | None:
        return await ask_state(pool, "query_balance", {}, parse_balance, height=50)

    with running(chain, nodes=2, faults={0: {"low": 60}, 1: {"low": 60}}) as nodes:
        assert within_pool(migrated_sqlite, network, nodes, ask) is None
