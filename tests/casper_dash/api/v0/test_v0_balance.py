"""Balances, stored ones and those of the sandbox network's nodes."""

from datetime import UTC, datetime

import pytest

from casper_dash.api.app import create_app
from casper_dash.api.v0.nodes import NodeBalances
from crawler import node_orders
from crawler.database import write_session
from crawler.node_orders import Ordered
from crawler.sandbox.network import genesis_accounts
from crawler.sandbox.running import running
from tests.casper_dash.api.clients import asking
from tests.casper_dash.api.rows import ALICE, balance
from tests.crawler.crawls import block_rows, chain_of, network_of
from tests.factories import VALIDATORS, block, digest

pytestmark = pytest.mark.anyio

HEAD = 12
ACCOUNT = next(iter(genesis_accounts())).account


@pytest.fixture(scope="module")
def sandbox():
    return chain_of(HEAD, mixture="mixed")


@pytest.fixture
async def asked(engine, stored, clock, sandbox, tmp_path):
    """GET /accountBalance, the nodes running; each test may give them faults."""
    stored(blocks=block_rows(sandbox))
    network = network_of(sandbox, tmp_path)
    with running(sandbox, nodes=2) as served:
        nodes = NodeBalances(served.urls, engine, chain=network.name)
        app = create_app(engine, network, clock=clock, nodes=nodes)
        async with asking(app) as client:

            async def ask(**parameters):
                return await client.get("/api/v0/accountBalance", params=parameters)

            ask.served = served
            yield ask
        await nodes.close()


def at(sandbox, height):
    return str(sandbox.ledger.balances.at(ACCOUNT.purse, height))


@pytest.mark.parametrize(
    "name",
    [
        ACCOUNT.account_hash,
        f"account-hash-{ACCOUNT.account_hash}",
        ACCOUNT.account_hash.upper(),
        ACCOUNT.public_key,
    ],
)
async def test_a_balance_after_our_newest_block_is_motes_as_text(asked, sandbox, name):
    answer = await asked(account=name)

    assert (answer.status_code, answer.text) == (200, at(sandbox, HEAD))
    assert answer.headers["content-type"] == "text/plain"


async def test_a_balance_after_an_earlier_block_never_changes(asked, sandbox):
    answer = await asked(account=ACCOUNT.account_hash, blockHeight="3")

    assert answer.text == at(sandbox, 3)
    assert "immutable" in answer.headers["cache-control"]


async def test_an_empty_height_counts_as_absent(asked, sandbox):
    answer = await asked(account=ACCOUNT.account_hash, blockHeight="")

    assert answer.text == at(sandbox, HEAD)


@pytest.mark.parametrize("height", ["99", "x", "-1", "1.5", "1e1", "9" * 30])
async def test_no_such_height_is_404(asked, height):
    answer = await asked(account=ACCOUNT.account_hash, blockHeight=height)

    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "Not found."


@pytest.mark.parametrize("name", [digest("nobody"), "nobody", "account-hash-1"])
async def test_an_account_that_no_node_knows_is_404_and_never_0(asked, name):
    assert (await asked(account=name)).status_code == 404


@pytest.mark.parametrize("parameters", [{}, {"account": ""}])
async def test_a_missing_account_is_400(asked, parameters):
    assert (await asked(**parameters)).status_code == 400


async def test_one_node_that_is_down_is_passed_over(asked, sandbox):
    asked.served.set_faults(0, {"down": True})

    assert (await asked(account=ACCOUNT.account_hash)).text == at(sandbox, HEAD)


@pytest.mark.parametrize("faults", [{"down": True}, {"other_chain": True}, {"garbage": True}])
async def test_while_no_node_is_usable_it_is_503(asked, faults):
    asked.served.set_faults(None, faults)

    answer = await asked(account=ACCOUNT.account_hash)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


async def test_one_client_can_cause_a_few_calls_only_and_more_as_time_passes(asked, clock):
    answers = [await asked(account=digest(f"stranger {number}")) for number in range(22)]
    clock.pass_time(2)
    later = [await asked(account=digest(f"other {number}")) for number in range(3)]

    assert [answer.status_code for answer in answers] == [404] * 20 + [429] * 2
    assert answers[-1].headers["retry-after"] == "1"
    assert [answer.status_code for answer in later] == [404, 404, 429]


async def test_a_stored_balance_is_answered_without_any_node(ask, stored):
    stored(blocks=[block(0), block(1)], balances=[balance(ALICE, 0, 10**20), balance(ALICE, 1, 7)])

    assert (await ask("/accountBalance", account=ALICE)).text == "7"
    assert (await ask("/accountBalance", account=VALIDATORS[0], blockHeight="0")).text == (
        "100000000000000000000"
    )


async def test_a_balance_that_nodes_once_had_none_of_is_404(ask, stored):
    stored(blocks=[block(0)], balances=[balance(ALICE, 0, None)])

    assert (await ask("/accountBalance", account=ALICE)).status_code == 404


async def test_an_older_stored_balance_is_not_todays(ask, stored):
    stored(blocks=[block(0), block(1)], balances=[balance(ALICE, 0, 5)])

    assert (await ask("/accountBalance", account=ALICE)).status_code == 503


async def test_without_any_block_it_is_404(ask):
    assert (await ask("/accountBalance", account=ALICE)).status_code == 404


async def test_nodes_that_operators_have_banned_are_not_asked(asked, engine):
    ordered = Ordered("Ana", "it is too slow", datetime.now(UTC))
    with write_session(engine) as session:
        for url in asked.served.urls:
            node_orders.ban(session, url, ordered)
    answer = await asked(account=ACCOUNT.account_hash)

    assert answer.status_code == 503
