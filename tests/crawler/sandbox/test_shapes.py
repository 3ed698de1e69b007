"""Our answers have the keys and JSON types of recorded ones, wherever a crawler may look."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from crawler.sandbox import network
from crawler.sandbox.block import Block
from crawler.sandbox.chain import Chain
from crawler.sandbox.faults import Faults
from crawler.sandbox.node import Node
from crawler.sandbox.parameters import ChainParameters

from . import recorded
from .calls import at, grown, node, result

Params = dict[str, Any] | list[Any] | None


@dataclass(frozen=True)
class Comparison:
    """Recorded files, the calls whose answers must look like them, and what nobody reads."""

    method: str
    files: tuple[str, ...]
    unread: str = r"\.merkle_proof"
    """Pattern of recorded paths that no crawler looks at."""
    dialect: str = "sidecar"


# Operations, and what effects say of anything but stake, are left out by our nodes.
EFFECTS = r"\.(operations|transforms|effects)\[\]|\.payment\[\]|\.parsed|\.cl_type"
# Early release candidates and explorers wrote further fields.
STATUS = r"\.next_upgrade|\.block_sync\.|\.uptime|\.round_length|\.peers"

V1_DEPLOYS = (
    "info_get_deploy/v1-mainnet-1.3.2-Transfer-success.json",
    "info_get_deploy/v1-mainnet-1.3.2-delegate-StoredContractByHash.json",
    "info_get_deploy/v1-mainnet-1.4.8-undelegate-explorer-wrapper.json",
    "info_get_deploy/v1-mainnet-1.5.6-undelegate-StoredContractByHash.json",
    "info_get_deploy/v1-testnet-1.5.6-StoredVersionedContract-failure.json",
    "info_get_deploy/v1-testnet-1.4.10-StoredContractByName-failure.json",
    "info_get_deploy/v1-testnet-1.1.0-ModuleBytes-transfer-success.json",
)
COMPARISONS = [
    Comparison(
        "chain_get_block",
        (
            "chain_get_block/v1-mainnet-1.5.3-h2346915.json",
            "chain_get_block/v1-testnet-1.4.10-h1412462-switch.json",
        ),
        dialect="node-1x",
    ),
    Comparison(
        "chain_get_block",
        (
            "chain_get_block/v1-mainnet-1.5.3-h2346915-wrapped-as-Version1.json",
            "chain_get_block/v1-mainnet-1.3.2-h239119-wrapped-as-Version1.json",
            "chain_get_block/v2-local-2.0.0-h9759-switch.json",
            "chain_get_block/v2-local-2.0.0-h1551-switch.json",
            "chain_get_block/v2-local-2.0.0-h189.json",
        ),
    ),
    Comparison(
        "chain_get_block_transfers",
        (
            "chain_get_block_transfers/v1-mainnet-1.3.2.json",
            "chain_get_block_transfers/v1-1.5.6.json",
        ),
        dialect="node-1x",
    ),
    Comparison(
        "chain_get_block_transfers",
        (
            "chain_get_block_transfers/v2-2.0.0-Version1-wrapped.json",
            "chain_get_block_transfers/v2-2.0.0-Version2.json",
        ),
    ),
    Comparison(
        "chain_get_era_info_by_switch_block",
        (
            "chain_get_era_info_by_switch_block/v1-mainnet-1.3.2-era1835-shrunk.json",
            "chain_get_era_info_by_switch_block/v1-1.4.15-not-switch-null.json",
        ),
        dialect="node-1x",
    ),
    Comparison("chain_get_era_summary", ("chain_get_era_summary/v2-2.0.0-era15383.json",)),
    Comparison("chain_get_state_root_hash", ("chain_get_state_root_hash/v1-1.5.3.json",)),
    Comparison(
        "info_get_status",
        ("info_get_status/v1-local-1.5.1-available_block_range.json",),
        STATUS,
        dialect="node-1x",
    ),
    Comparison("info_get_status", ("info_get_status/v2-devnet-2.0.0-h170022.json",), STATUS),
    Comparison("info_get_peers", ("info_get_peers/v1-1.5.3.json",)),
    Comparison("info_get_validator_changes", ("info_get_validator_changes/v1-1.5.6.json",)),
    Comparison(
        "state_get_auction_info",
        ("state_get_auction_info/v1-testnet-1.5.6-h3192405-shrunk.json",),
        dialect="node-1x",
    ),
    Comparison(
        "state_get_auction_info_v2",
        ("state_get_auction_info/v2-integration-2.0.0-h4628886-full.json",),
        # Neither vesting nor reserved places are modelled.
        r"vesting_schedule|\.Reservation|\.Credit|\.Bridge",
    ),
    Comparison("query_balance", ("query_balance/v1-1.5.6.json",)),
    Comparison("query_balance_details", ("query_balance_details/v2-local-2.0.0.json",), r"holds"),
    Comparison("info_get_deploy", V1_DEPLOYS, EFFECTS, dialect="node-1x"),
    Comparison(
        "info_get_deploy",
        (
            "info_get_deploy/v2-local-2.0.0-Transfer-success.json",
            "info_get_deploy/v2-local-2.0.0-Transfer-failure.json",
            "info_get_deploy/v2-local-2.0.0-Version1-failure.json",
            "info_get_deploy/v2-local-2.0.0-Version2-success.json",
            "info_get_deploy/v2-sidecar-mainnet-delegate-execution_info-Version1.json",
        ),
        EFFECTS + r"|\.payment$",
    ),
    Comparison(
        "info_get_transaction",
        (
            "info_get_transaction/v2-local-native-transfer-success.json",
            "info_get_transaction/v2-local-delegate-by-contract-hash.json",
            "info_get_transaction/v2-integration-native-AddReservations.json",
            "info_get_transaction/v2-local-Deploy-transfer.json",
        ),
        EFFECTS + r"|\.pricing_mode|\.payment$|\.transferred_value",
    ),
]


@pytest.fixture(scope="module")
def chain() -> Chain:
    return grown(ChainParameters(), 1010)


@recorded.needs_answers
@pytest.mark.parametrize(
    "comparison", COMPARISONS, ids=lambda each: f"{each.method}-{each.dialect}"
)
def test_our_answers_have_every_key_and_type_of_the_recorded_ones(
    chain: Chain, comparison: Comparison
):
    theirs = {
        path
        for name in comparison.files
        for path in recorded.paths(recorded.result(name))
        if not re.search(comparison.unread, path[0])
    }
    asked = node(chain, dialect=comparison.dialect)
    ours = {path for answer in answers(asked, comparison) for path in recorded.paths(answer)}

    assert theirs - ours == set()


@recorded.needs_answers
@pytest.mark.parametrize(
    "comparison", COMPARISONS, ids=lambda each: f"{each.method}-{each.dialect}"
)
def test_our_answers_have_no_top_level_key_that_the_records_do_not_know(
    chain: Chain, comparison: Comparison
):
    known = {key for name in comparison.files for key in recorded.result(name)}
    asked = node(chain, dialect=comparison.dialect)

    assert {key for answer in answers(asked, comparison) for key in answer} <= known


@recorded.needs_answers
def test_the_effects_that_tell_undelegations_have_the_recorded_form(chain: Chain):
    names = V1_DEPLOYS[2:4]
    theirs = {path for name in names for path in unbondings(recorded.result(name))}
    asked = node(chain, dialect="node-1x")
    comparison = Comparison("info_get_deploy", V1_DEPLOYS)

    ours = {path for answer in answers(asked, comparison) for path in unbondings(answer)}

    assert theirs <= ours


def answers(asked: Node, comparison: Comparison) -> Iterator[dict[str, Any]]:
    """Our answers to the method all over the chain."""
    for params in calls(asked, comparison.method):
        yield result(asked, comparison.method, params)


def calls(asked: Node, method: str) -> Iterator[Params]:
    view = asked.view()
    blocks = view.chain.blocks[: view.high + 1]
    if method in ("info_get_deploy", "info_get_transaction"):
        yield from transaction_calls(blocks, method)
    elif method.startswith("query_balance"):
        key = network.VALIDATORS[0].public_key
        yield {"purse_identifier": {"main_purse_under_public_key": key}}
    elif method == "info_get_validator_changes":
        # Only the eras in which somebody joined have changes to show.
        for height in range(20, view.high, 20):
            asked.switch(Faults(behind=view.chain.height - height))
            yield None
    elif method.startswith("info_"):
        yield None
    else:
        step = 1 if "block" in method else 50
        yield from (at(block.height) for block in blocks[::step])


def transaction_calls(blocks: list[Block], method: str) -> Iterator[Params]:
    for each in (each for block in blocks for each in block.transactions):
        if method == "info_get_transaction":
            yield [{"Deploy" if each.is_deploy else "Version1": each.hash.hex()}]
        elif each.is_deploy:
            yield [each.hash.hex()]


def unbondings(answer: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for each in answer["execution_results"]:
        for transform in each["result"].get("Success", {}).get("effect", {}).get("transforms", []):
            if isinstance(transform["transform"], dict):
                for name in ("WriteWithdraw", "WriteUnbonding"):
                    if name in transform["transform"]:
                        yield from recorded.paths(transform["transform"], name)
