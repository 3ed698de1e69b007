import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, insert, update

from crawler.database import read_session, transact, write_session
from crawler.feeds.learnt_nodes import learn_nodes, note_candidates, prove_due, proven_nodes
from crawler.feeds.peer_address import Reach
from crawler.models.chain import BLOCK, Block
from crawler.models.feeds import LearntNode
from crawler.network import Network
from crawler.node.client import make_client
from crawler.node.errors import NoNode
from crawler.sandbox.chain import Chain
from crawler.sandbox.running import RunningNetwork, running
from crawler.settings import CrawlerSettings
from tests.crawler.crawls import block_rows
from tests.crawler.feeds.source_server import SourceServer, serving
from tests.databases import dump
from tests.factories import digest

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def hold_blocks(engine: Engine, chain: Chain, *, count: int | None = None) -> None:
    with write_session(engine) as session:
        session.execute(insert(Block), block_rows(chain)[:count])


def note(engine: Engine, *urls: str, now: datetime = NOW) -> int:
    return transact(engine, partial(note_candidates, urls=urls, now=now))


def prove(
    engine: Engine, network: Network, *, reach: Reach = "any", now: datetime = NOW
) -> tuple[int, int]:
    async def proving() -> tuple[int, int]:
        async with make_client(5, 5) as client:
            return await prove_due(engine, network.name, client, reach, now)

    return asyncio.run(proving())


def proven(engine: Engine, reach: Reach = "any") -> list[str]:
    with read_session(engine) as session:
        return proven_nodes(session, reach)


def learnt(engine: Engine) -> dict[str, Any]:
    return dump(engine)["learnt_node"][0]


def test_a_node_that_names_our_blocks_is_proven(engine: Engine, chain: Chain, network: Network):
    hold_blocks(engine, chain)
    with running(chain, nodes=2) as nodes:
        assert note(engine, *nodes.urls) == 2
        assert proven(engine) == []
        assert prove(engine, network) == (2, 2)

    assert proven(engine) == sorted(nodes.urls)


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        ({"lie": "fork", "fork_from": 1}, "it says"),
        ({"lie": "hash"}, "hash"),
        ({"other_chain": True}, "follows the network"),
        ({"down": True}, ""),
        ({"garbage": True}, "JSON"),
        ({"null_block": True}, "no answer to this yet"),
        ({"http_status": 500}, "HTTP status 500"),
        ({"low": 100}, "fewer than 3 blocks in common from 100 to 101"),
    ],
)
def test_any_other_node_is_not(
    migrated_sqlite: Engine, chain: Chain, network: Network, faults: dict[str, Any], reason: str
):
    hold_blocks(migrated_sqlite, chain)
    with running(chain, faults={0: faults}) as nodes:
        note(migrated_sqlite, *nodes.urls)
        assert prove(migrated_sqlite, network) == (0, 1)

    assert proven(migrated_sqlite) == []
    assert reason in learnt(migrated_sqlite)["last_error"]
    assert learnt(migrated_sqlite)["failures"] == 1


def test_a_redirect_is_not_followed(migrated_sqlite: Engine, chain: Chain, network: Network):
    hold_blocks(migrated_sqlite, chain)
    with running(chain) as nodes:
        leads_on = SourceServer(status=307, answer=b"", location=nodes.urls[0])
        with serving(leads_on):
            note(migrated_sqlite, f"http://127.0.0.1:{leads_on.port}/rpc")
            assert prove(migrated_sqlite, network) == (0, 1)

    assert learnt(migrated_sqlite)["last_error"] == "HTTP status 307"


def test_nothing_is_proven_while_we_hold_too_little(engine: Engine, chain: Chain, network: Network):
    hold_blocks(engine, chain, count=2)
    with running(chain) as nodes:
        note(engine, *nodes.urls)
        assert prove(engine, network) == (0, 1)


def test_a_node_that_differs_from_one_of_our_blocks_is_not_proven(
    engine: Engine, chain: Chain, network: Network
):
    hold_blocks(engine, chain, count=3)
    with write_session(engine) as session:
        session.execute(update(Block).where(BLOCK.height == 1).values(hash=digest("another")))
    with running(chain) as nodes:
        note(engine, *nodes.urls)
        assert prove(engine, network) == (0, 1)

    assert learnt(engine)["last_error"].startswith(f"block 1 is {digest('another')}")


def test_a_failure_takes_the_proof_away_and_asks_ever_more_rarely(
    migrated_sqlite: Engine, chain: Chain, network: Network
):
    engine = migrated_sqlite
    hold_blocks(engine, chain)
    with running(chain) as nodes:
        note(engine, *nodes.urls)
        prove(engine, network)
        assert prove(engine, network, now=NOW + timedelta(hours=23)) == (0, 0)

        nodes.set_faults(0, {"http_status": 500})
        pauses = []
        for _ in range(4):
            now = learnt(engine)["ask_after"]
            prove(engine, network, now=now)
            pauses.append(learnt(engine)["ask_after"] - now)
        assert proven(engine) == []

        nodes.set_faults(0, {})
        prove(engine, network, now=learnt(engine)["ask_after"])

    assert pauses == [timedelta(hours=hours) for hours in (1, 2, 4, 8)]
    assert proven(engine) == nodes.urls
    assert learnt(engine)["failures"] == 0


def test_a_node_that_never_answers_is_forgotten(
    migrated_sqlite: Engine, chain: Chain, network: Network
):
    hold_blocks(migrated_sqlite, chain)
    with running(chain, faults={0: {"http_status": 500}}) as nodes:
        note(migrated_sqlite, *nodes.urls)
        for _ in range(12):
            assert prove(migrated_sqlite, network, now=learnt(migrated_sqlite)["ask_after"]) == (
                0,
                1,
            )

    assert dump(migrated_sqlite)["learnt_node"] == []


def test_private_addresses_are_not_asked_once_the_setting_bars_them(
    engine: Engine, chain: Chain, network: Network
):
    hold_blocks(engine, chain)
    with running(chain) as nodes:
        note(engine, *nodes.urls)
        prove(engine, network)
        assert proven(engine, "public") == []
        assert prove(engine, network, reach="public", now=NOW + timedelta(days=2)) == (0, 0)

    assert dump(engine)["learnt_node"] == []


def test_a_liar_cannot_fill_the_table_with_peers(migrated_sqlite: Engine):
    urls = [f"http://10.0.{n // 250}.{n % 250}:7777/rpc" for n in range(2_500)]

    assert note(migrated_sqlite, *urls[:1_500]) == 1_500
    assert note(migrated_sqlite, *urls) == 500
    assert note(migrated_sqlite, *urls) == 0
    assert len(dump(migrated_sqlite)["learnt_node"]) == 2_000


def learn(engine: Engine, network: Network, nodes: RunningNetwork, **settings: Any) -> str:
    values = {"rpc_nodes": ",".join(nodes.urls), **settings}
    return learn_nodes(engine, network, CrawlerSettings(_env_file=None, **values))


def test_nodes_are_learnt_only_if_the_setting_says_so(
    engine: Engine, chain: Chain, network: Network
):
    with running(chain) as nodes:
        told = learn(engine, network, nodes)

    assert told == "nodes are not learnt: RPC_LEARN_NODES is off"
    assert dump(engine)["learnt_node"] == []


def test_the_job_has_known_candidates_prove_themselves(
    engine: Engine, chain: Chain, network: Network
):
    hold_blocks(engine, chain)
    with write_session(engine) as session:
        rows = [{"url": "http://127.0.0.1:1/rpc", "ask_after": NOW, "failures": 0}]
        session.execute(insert(LearntNode), rows)
    with running(chain) as nodes:
        # the sandbox's peers are at addresses for documentation: none of them is public
        told = learn(engine, network, nodes, rpc_learn_nodes="public")

    assert told == "0 nodes learnt, 0 of 0 proved to hold the chain"
    assert dump(engine)["learnt_node"] == []


def test_the_job_says_which_nodes_do_not_answer(engine: Engine, chain: Chain, network: Network):
    with running(chain, faults={0: {"http_status": 500}}) as nodes, pytest.raises(NoNode) as error:
        learn(engine, network, nodes, rpc_learn_nodes="any")

    assert f"{nodes.urls[0]}: HTTP status 500" in str(error.value)
