"""INDEXED_VALIDATORS extended later: what earlier eras paid the new ones is added, once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import Engine

from crawler import job_run, orders
from crawler.database import transact
from crawler.enrich import rewards
from crawler.enrich.rewards import fill_rewards, sweep_of
from crawler.job_run import Cancelled, Run
from crawler.orders import Span
from crawler.parse.records import EraInfo, RewardAllocation
from crawler.recrawl import recrawl
from crawler.sandbox.network import VALIDATORS
from crawler.sandbox.running import RunningNetwork, running
from tests.crawler.crawls import Crawl, crawl_of, differences, reward_rows
from tests.databases import dump

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIRST, SECOND = VALIDATORS[0].public_key, VALIDATORS[1].public_key
METHOD = "chain_get_era_info_by_switch_block"


@pytest.fixture
def nodes(chain) -> Iterator[RunningNetwork]:
    with running(chain, nodes=2) as nodes:
        yield nodes


@pytest.fixture
def crawl(migrated_sqlite: Engine, network, nodes: RunningNetwork) -> Crawl:
    """A crawl that knew of one validator only."""
    return crawled(migrated_sqlite, network, nodes)


def crawled(engine: Engine, network, nodes: RunningNetwork) -> Crawl:
    crawl = crawl_of(engine, network, nodes.urls, indexed_validators=FIRST)
    crawl.to_head()
    return crawl


def fill(crawl: Crawl, *keys: str, span: Span | None = None) -> str:
    crawl = crawl.with_settings(indexed_validators=keys)
    run = Run(crawl.engine, "rewards", NOW, span)
    return fill_rewards(crawl.engine, crawl.network, crawl.settings, run)


def held(engine: Engine) -> list[dict]:
    return dump(engine, "reward")["reward"]


def paid_to(chain, *validators: str) -> list[dict]:
    return [row for row in reward_rows(chain) if row["validator"] in validators]


def asked(nodes: RunningNetwork) -> int:
    return sum(node.calls[METHOD] for node in nodes._network.nodes)


def test_extended_to_two_and_to_all_it_is_as_if_it_had_been_so_from_the_start(
    engine: Engine, network, chain, nodes: RunningNetwork
):
    crawl = crawled(engine, network, nodes)
    assert held(engine) == paid_to(chain, FIRST)

    fill(crawl, FIRST, SECOND)
    assert held(engine) == paid_to(chain, FIRST, SECOND)

    fill(crawl, "all")
    assert differences(engine, chain) == {}


def test_what_is_there_is_not_asked_for_again(crawl: Crawl, nodes: RunningNetwork):
    fill(crawl, "all")
    before = asked(nodes)

    assert fill(crawl, "all") == "0 rewards of 0 eras added, none of them new"
    transact(crawl.engine, lambda session: rewards._go_on(session, sweep_of(["all"]), -1))
    assert fill(crawl, "all").startswith("0 rewards of 0 eras added, up to era ")
    assert asked(nodes) == before


def test_a_setting_that_shrinks_leaves_what_is_stored(crawl: Crawl, chain):
    fill(crawl, "all")
    fill(crawl, SECOND)
    assert fill(crawl) == "no validator's rewards are kept: INDEXED_VALIDATORS is empty"

    assert held(crawl.engine) == reward_rows(chain)


def test_a_cancelled_run_says_how_far_it_came_and_the_next_goes_on(
    crawl: Crawl, chain, nodes: RunningNetwork, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rewards, "_ERAS_A_LOOK", 5)
    monkeypatch.setattr(job_run, "_TELL_S", 0)
    transact(crawl.engine, lambda session: orders.cancel(session, "rewards", "Ana", NOW))
    with pytest.raises(Cancelled, match=r"rewards of \d eras added, up to era 4"):
        fill(crawl, "all")
    assert held(crawl.engine) != reward_rows(chain)

    transact(crawl.engine, lambda session: orders.started(session, "rewards"))
    before = asked(nodes)
    fill(crawl, "all")
    assert held(crawl.engine) == reward_rows(chain)
    assert asked(nodes) - before < len({row["era_id"] for row in reward_rows(chain)})


def test_eras_that_no_node_holds_are_told_and_can_be_ordered_later(
    crawl: Crawl, chain, nodes: RunningNetwork
):
    nodes.set_faults(None, {"low": 50})
    assert "no node holds" in fill(crawl, "all")
    assert held(crawl.engine) != reward_rows(chain)

    nodes.set_faults(None, {})
    fill(crawl, "all", span=Span(0, 14))
    assert held(crawl.engine) == reward_rows(chain)


def test_a_block_taken_back_since_it_was_asked_about_gets_nothing(crawl: Crawl):
    keys = frozenset({"all"})
    block = rewards._look(crawl.engine, keys, -1, Span(3, 3)).blocks[0]
    payout = EraInfo(3, block.hash, (RewardAllocation(SECOND, None, 7),))
    keep = partial(rewards._keep, block=block, payout=payout, keys=keys)
    transact(crawl.engine, lambda session: recrawl(session, block.height, block.height))

    assert transact(crawl.engine, keep) == 0
    assert all(row["era_id"] != 3 for row in held(crawl.engine))
