from collections import Counter

import pytest

from crawler.sandbox import era_truth, network, truth
from crawler.sandbox.chain import Chain
from crawler.sandbox.parameters import ChainParameters
from crawler.sandbox.truth import Depths

from .calls import at, grown, node, result

LOCKED, OTHER_LOCKED = (each.account_hash for each in network.LOCKED[:2])


@pytest.fixture(scope="module")
def chain() -> Chain:
    return grown(ChainParameters(), 1010)


def test_a_transfer_out_of_a_locked_account_has_depth_1_and_its_followers_2_and_3():
    depths = Depths()

    path = [(LOCKED, "a"), ("a", "b"), ("b", "c"), ("c", "d")]

    assert [depths.next(*step) for step in path] == [1, 2, 3, 0]


def test_depth_looks_at_earlier_transfers_only_and_takes_the_smallest():
    depths = Depths()

    steps = [
        ("a", "b"),
        (LOCKED, "a"),
        ("a", "b"),
        (LOCKED, "b"),
        ("b", "c"),
        (LOCKED, OTHER_LOCKED),
    ]

    assert [depths.next(*step) for step in steps] == [0, 1, 2, 1, 2, 1]


def test_depth_does_not_pass_through_a_purse_without_an_account():
    depths = Depths()

    assert [depths.next(LOCKED, None), depths.next("a", "b")] == [1, 0]


def test_all_depths_and_kinds_occur(chain: Chain):
    transfers = truth.transfers(chain)

    assert {each.depth for each in transfers if each.kind == "native"} == {0, 1, 2, 3}
    assert {each.depth for each in transfers if each.kind != "native"} == {None}
    assert {each.kind for each in transfers} == {"native", "contract", "staking"}
    assert any(each.to_account_hash is None for each in transfers)
    assert any((each.transfer_id or 0) > 2**53 for each in transfers)
    assert any(each.transfer_id is None for each in transfers)


def test_transfers_are_numbered_as_the_node_lists_them(chain: Chain):
    asked = node(chain)
    by_height: dict[int, list[truth.TransferTruth]] = {}
    for each in truth.transfers(chain):
        by_height.setdefault(each.height, []).append(each)

    for height in list(by_height)[-60:]:
        listed = result(asked, "chain_get_block_transfers", at(height))["transfers"]
        assert [written(each) for each in by_height[height]] == [
            (place, each["to"], each["source"], each["target"], each["amount"], each["id"])
            for place, each in enumerate(next(iter(each.values())) for each in listed)
        ]


def written(transfer: truth.TransferTruth) -> tuple[object, ...]:
    """A transfer as a node writes it, with its place in the list."""
    to = transfer.to_account_hash
    return (
        transfer.index,
        f"account-hash-{to}" if to else None,
        transfer.source,
        transfer.target,
        str(transfer.amount),
        transfer.transfer_id,
    )


def test_deploys_and_transfers_are_the_two_lists_of_a_1_x_body(chain: Chain):
    asked = node(chain, dialect="node-1x")

    for block in truth.blocks(chain)[100:300]:
        body = result(asked, "chain_get_block", at(block.height))["block"]["body"]
        lists = (len(body["deploy_hashes"]), len(body["transfer_hashes"]))
        assert (block.deploys, block.transfers) == lists


def test_a_burn_and_a_call_of_another_contract_count_as_deploys_and_stake_nothing(chain: Chain):
    block = next(
        block
        for block in chain.blocks
        if [each.request.form.action for each in block.transactions] == ["burn"]
    )
    other = next(
        block
        for block in chain.blocks
        if [each.request.form.through for each in block.transactions] == ["other_contract"]
    )

    for height in (block.height, other.height):
        figures = truth.blocks(chain)[height]
        assert (figures.deploys, figures.transfers, figures.staked) == (1, 0, 0)


def test_failed_transfers_count_but_are_not_listed(chain: Chain):
    counted = sum(block.transfers for block in truth.blocks(chain))
    listed = Counter(each.kind for each in truth.transfers(chain))

    assert counted > listed["native"]


def test_every_staking_sum_occurs_and_failures_are_left_out(chain: Chain):
    blocks = truth.blocks(chain)

    failing = [
        block.height
        for block in chain.blocks
        if block.transactions and all(each.error for each in block.transactions)
    ]

    assert sum(block.staked for block in blocks) > 0
    assert sum(block.unstaked for block in blocks) > 0
    assert sum(block.redelegated for block in blocks) > 0
    assert failing
    for height in failing:
        assert (blocks[height].staked, blocks[height].unstaked) == (0, 0)


def test_rewards_of_the_eras_are_the_sum_over_their_pairs(chain: Chain):
    by_era = Counter()
    for (era, _, _), amount in truth.rewards(chain).items():
        by_era[era] += amount

    for era in era_truth.eras(chain):
        assert era.validators_rewards + era.delegators_rewards == by_era[era.era_id]


def test_the_last_era_runs_and_all_before_are_complete(chain: Chain):
    eras = era_truth.eras(chain)

    assert [era.complete for era in eras] == [True] * (len(eras) - 1) + [chain.head.is_switch]
    assert eras[0].weight == network.GENESIS_VALIDATORS_WEIGHT
    assert sum(era.transfers for era in eras) == sum(each.transfers for each in truth.blocks(chain))


def test_one_treasury_takes_effect_and_one_is_ignored(chain: Chain):
    kept = {era.era_id: era.treasuries for era in era_truth.circulating(chain)}

    assert (kept[30], kept[39]) == (0, 0)
    assert kept[40] == kept[max(kept)] == network.TREASURY_AMOUNT


def test_rewards_are_released_in_proportion_first_and_wholly_later(chain: Chain):
    supply = {era.era_id: era.total_supply for era in era_truth.eras(chain)}
    found = {era.era_id: era for era in era_truth.circulating(chain)}
    weight = network.GENESIS_VALIDATORS_WEIGHT

    early, late = found[29], found[30]
    minted = supply[29] - network.GENESIS_SUPPLY

    assert 0 < early.unlocks < weight
    assert early.rewards == (2 * minted * early.unlocks + weight) // (2 * weight)
    assert late.rewards == supply[30] - network.GENESIS_SUPPLY
    assert found[5].unlocks == 0
    assert found[max(found)].circulating > network.GENESIS_VALIDATORS_WEIGHT // 2


def test_unlocks_end_with_the_whole_genesis_weight():
    amounts = [each.amount for each in network.unlocks()]

    assert sum(amounts) == network.GENESIS_VALIDATORS_WEIGHT


def test_a_sender_by_account_hash_does_not_show_its_key(chain: Chain):
    lonely = Chain(ChainParameters())
    lonely.blocks = [
        next(
            block
            for block in chain.blocks
            if [each.request.form.by_account_hash for each in block.transactions] == [True]
        )
    ]

    assert truth.known_accounts(lonely) == {}


def test_known_accounts_are_learnt_from_headers_targets_and_staking_arguments(chain: Chain):
    known = truth.known_accounts(chain)

    assert {each.learnt_from for each in known.values()} == {"header", "target", "argument"}
    for account_hash, each in known.items():
        assert each.account_hash == account_hash
