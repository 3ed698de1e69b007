from collections import Counter
from dataclasses import replace

import pytest

from crawler.sandbox import network
from crawler.sandbox.auction import ERAS_REWARD_SHARE
from crawler.sandbox.chain import Chain, body_hash
from crawler.sandbox.encoding import block_hash
from crawler.sandbox.forms import (
    OTHER_FORMS,
    STAKING_FORMS,
    TRANSFER_FORMS,
    available,
)
from crawler.sandbox.parameters import MIXTURES, ChainParameters, number


@pytest.fixture(scope="module")
def chain() -> Chain:
    return grown(ChainParameters(), 1000)


def grown(parameters: ChainParameters, height: int) -> Chain:
    chain = Chain(parameters)
    chain.advance(height)
    return chain


def hashes(chain: Chain) -> list[bytes]:
    return [block.hash for block in chain.blocks]


def test_the_same_parameters_make_the_same_chain():
    assert hashes(grown(ChainParameters(seed=5), 300)) == hashes(
        grown(ChainParameters(seed=5), 300)
    )


@pytest.mark.parametrize("change", [{"seed": 2}, {"mixture": "mixed"}, {"genesis_time_ms": 1}])
def test_any_other_parameter_makes_another_chain(change: dict[str, object]):
    other = grown(replace(ChainParameters(), **change), 60)

    assert hashes(other)[-1] != hashes(grown(ChainParameters(), 60))[-1]


def test_a_chain_that_grows_in_steps_is_the_same():
    stepwise = grown(ChainParameters(), 150)
    stepwise.advance(50)

    assert hashes(stepwise) == hashes(grown(ChainParameters(), 200))


# 301 is the block of the upgrade to 1.5.
@pytest.mark.parametrize("fork_height", [1, 30, 300, 301, 302])
def test_a_fork_shares_the_history_below_and_no_block_above(fork_height: int):
    honest = grown(ChainParameters(), 310)
    fork = grown(ChainParameters(fork_height=fork_height), 310)

    same = [one == other for one, other in zip(hashes(honest), hashes(fork), strict=True)]

    assert same == [True] * fork_height + [False] * (311 - fork_height)


def test_every_block_links_to_its_parent_and_hashes_to_its_hash(chain: Chain):
    assert chain.blocks[0].header.parent_hash == bytes(32)
    for parent, block in zip(chain.blocks, chain.blocks[1:], strict=False):
        assert block.header.parent_hash == parent.hash
        assert block.header.timestamp_ms > parent.header.timestamp_ms
    for block in chain.blocks:
        assert (block_hash(block.header), body_hash(block)) == (block.hash, block.header.body_hash)


def test_genesis_holds_ten_billion_cspr_which_no_signed_64_bit_number_can(chain: Chain):
    assert chain.blocks[0].total_supply == 10**19 > 2**63
    weights = chain.blocks[0].header.era_end.weights
    assert sum(weights.values()) == network.GENESIS_VALIDATORS_WEIGHT


@pytest.mark.parametrize("mixture", MIXTURES)
def test_every_mote_is_in_a_purse_staked_or_unbonding(mixture: str):
    chain = grown(ChainParameters(mixture=mixture, blocks_per_era=5), 320)

    unbonding = sum(each.amount for each in chain.auction.pending_at(chain.height))
    everything = chain.ledger.balances.total() + chain.auction.stakes.total() + unbonding

    assert everything == chain.ledger.total_supply == chain.head.total_supply
    assert min(amount for _, amount in chain.ledger.balances.items()) > 0
    assert min(amount for _, amount in chain.auction.stakes.items()) > 0


def test_an_era_ends_after_its_blocks_or_at_once_after_an_upgrade(chain: Chain):
    lengths = Counter(block.header.era_id for block in chain.blocks)
    upgrades = {0, 16, 24, 28, 40}

    complete = range(len(chain.switch_heights))

    assert {era: lengths[era] for era in complete} == {
        era: 1 if era in upgrades else 20 for era in complete
    }
    for era in complete:
        switch = chain.switch_block(era)
        assert (switch.header.proposer == "00") == (era in upgrades)
        assert bool(switch.allocations) == (era not in upgrades)
        assert switch.header.era_end.weights


def test_protocol_versions_follow_the_timetable(chain: Chain):
    firsts = {}
    for block in chain.blocks:
        firsts.setdefault(block.header.protocol_version, block.header.era_id)

    assert {era: version for version, era in firsts.items()} == dict(ChainParameters().versions)


def test_weights_are_announced_before_the_rewards_of_the_era_count(chain: Chain):
    chain = grown(ChainParameters(blocks_per_era=3, mixture="light"), 12)
    first, second, third = (chain.switch_block(era).header.era_end for era in (0, 1, 2))

    assert sum(first.weights.values()) == sum(second.weights.values())
    assert sum(third.weights.values()) != sum(second.weights.values())


def test_rewards_are_shared_by_the_weights_that_were_announced_for_the_era(chain: Chain):
    for era in (1, 2, 9):
        announced = chain.switch_block(era - 1).header.era_end.weights
        switch = chain.switch_block(era)
        paid = Counter()
        for each in switch.allocations:
            paid[each.validator] += each.amount
        pool = chain.blocks[switch.height - 1].total_supply // ERAS_REWARD_SHARE
        total = sum(announced.values())

        assert paid == {key: pool * weight // total for key, weight in announced.items()}


def test_supply_changes_only_where_the_protocol_lets_it(chain: Chain):
    for parent, block in zip(chain.blocks, chain.blocks[1:], strict=False):
        change = block.total_supply - parent.total_supply
        paid = sum(each.amount for each in block.allocations)
        if not block.header.is_v2:
            assert change == paid
        elif block.header.era_id == 40:
            assert change == network.TREASURY_AMOUNT
        elif block.transactions and not block.is_switch:
            assert change < 0
        elif not block.is_switch:
            assert change == 0


def test_state_roots_stay_in_empty_blocks_up_to_1_4_and_change_always_from_1_5(chain: Chain):
    for parent, block in zip(chain.blocks, chain.blocks[1:], strict=False):
        changed = parent.header.state_root_hash != block.header.state_root_hash
        early = number(block.header.protocol_version) < (1, 5, 0)
        assert changed == (not early or bool(block.transactions) or block.is_switch)


@pytest.mark.parametrize("mixture", MIXTURES)
def test_every_form_of_each_version_occurs_within_a_thousand_blocks(mixture: str):
    chain = grown(ChainParameters(mixture=mixture, seed=9), 1000)
    seen = {
        (block.header.protocol_version, each.request.form, each.error is None)
        for block in chain.blocks
        for each in block.transactions
    }

    for _, version in chain.parameters.versions:
        for form in available(TRANSFER_FORMS + STAKING_FORMS + OTHER_FORMS, number(version)):
            assert (version, form, not form.fails) in seen


def test_late_rewards_pay_a_pair_twice_in_2_x_and_add_up_to_the_announced_ones(chain: Chain):
    switch = chain.switch_block(30)
    pairs = Counter((each.validator, each.delegator) for each in switch.allocations)
    by_validator = Counter()
    for each in switch.allocations:
        by_validator[each.validator] += each.amount

    assert set(pairs.values()) == {2}
    announced = switch.header.era_end.rewards
    assert {key: sum(paid) for key, paid in announced.items()} == by_validator


def test_an_undelegation_comes_back_after_its_eras(chain: Chain):
    released = [each for each in chain.auction.unbonds if each.released_height is not None]

    assert released
    for each in released:
        era = chain.blocks[each.released_height].header.era_id
        assert era == each.era_of_creation + 7 or chain.parameters.is_immediate(
            each.era_of_creation + 7
        )


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"mixture": "heavy"}, "mixture must be one of light, mixed, busy, not heavy"),
        ({"blocks_per_era": 1}, "an era needs at least 2 blocks, not 1"),
        ({"upgrade_era": 3}, "upgrade_era must be 8 or more"),
    ],
)
def test_wrong_parameters_are_refused(values: dict[str, object], reason: str):
    with pytest.raises(ValueError, match=reason):
        ChainParameters(**values)


def test_a_block_must_be_later_than_its_parent():
    chain = Chain()

    with pytest.raises(ValueError, match="block 1 must be later than its parent"):
        chain.add_block(chain.head.header.timestamp_ms)
