from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.parse.assemble import assemble
from crawler.parse.errors import ParseError
from crawler.parse.keys import SYSTEM_ACCOUNT_HASH, account_hash
from crawler.parse.records import (
    BlockRecord,
    EraEnd,
    EraInfo,
    RewardAllocation,
    StakingOperation,
    TransactionHash,
    TransactionRecord,
    TransferRecord,
)
from tests.crawler.parse.builders import ALICE, BOB, CAROL, digest, uref

NOON = datetime(2024, 5, 16, 12, tzinfo=UTC)
PAYOUT = (
    RewardAllocation(ALICE, None, 100),
    RewardAllocation(ALICE, None, 1),
    RewardAllocation(ALICE, BOB, 20),
    RewardAllocation(ALICE, BOB, 3),
    RewardAllocation(ALICE, "5f" * 32, 5),
    RewardAllocation(CAROL, None, 0),
    RewardAllocation(CAROL, BOB, 7),
)


def block(*, mint=(), others=(), weights=None, proposer=ALICE):
    return BlockRecord(
        height=7,
        hash=digest(20),
        parent_hash=digest(19),
        era_id=3,
        timestamp=NOON,
        proposer=proposer,
        protocol_version="1.5.6",
        state_root_hash=digest(11),
        mint_lane=tuple(TransactionHash("Deploy", digest(number)) for number in mint),
        other_lanes=tuple(TransactionHash("Deploy", digest(number)) for number in others),
        era_end=None if weights is None else EraEnd(weights, rewards=None),
    )


def transaction(number, **changes):
    sent = TransactionRecord(
        hash=digest(number),
        block_hash=digest(20),
        initiator_public_key=ALICE,
        initiator_account_hash=account_hash(ALICE),
        submitted_at=NOON.replace(minute=number),
        success=True,
        transfers=0,
        burn=False,
        staking=None,
        public_keys=(),
    )
    return replace(sent, **changes)


def staking(number, kind, amount, **changes):
    return transaction(number, staking=StakingOperation(kind, amount), **changes)


def transfer(number, **changes):
    made = TransferRecord(
        transaction_hash=digest(number),
        from_account_hash=account_hash(ALICE),
        from_public_key=None,
        to_account_hash=account_hash(BOB),
        to_public_key=None,
        source=uref(33),
        target=uref(34),
        amount=5,
        transfer_id=None,
    )
    return replace(made, **changes)


def era_info(*allocations, **changes):
    return replace(EraInfo(era_id=3, block_hash=digest(20), allocations=allocations), **changes)


def figures(of, transactions=(), transfers=(), info=None, supply=10**19):
    return assemble(of, transactions, transfers, info, supply)


def test_an_empty_block_comes_to_nothing():
    found = figures(block())

    assert (found.height, found.total_supply) == (7, 10**19)
    assert (found.deploys, found.transfers) == (0, 0)
    assert (found.staked, found.unstaked, found.redelegated) == (0, 0, 0)
    assert found.transfer_rows == ()
    assert found.known_accounts == found.next_era_validators == found.rewards == {}


def test_native_transfers_count_apart_from_deploys_whether_they_succeed_or_not():
    found = figures(
        block(mint=[1, 2], others=[3]),
        [transaction(1), transaction(2, success=False), transaction(3)],
        [transfer(1)],
    )

    assert (found.transfers, found.deploys) == (2, 1)


def test_a_burn_in_the_mint_lane_is_a_deploy():
    sent = [transaction(1), transaction(2, burn=True)]
    found = figures(block(mint=[1, 2]), sent, [transfer(1)])

    assert (found.transfers, found.deploys) == (1, 1)


def test_stake_is_summed_by_what_happens_to_it():
    found = figures(
        block(others=[1, 2, 3, 4, 5]),
        [
            staking(1, "add_bid", 1),
            staking(2, "delegate", 20),
            staking(3, "withdraw_bid", 300),
            staking(4, "undelegate", 4_000),
            staking(5, "redelegate", 50_000),
        ],
    )

    assert (found.staked, found.unstaked, found.redelegated) == (21, 4_300, 50_000)


def test_a_failed_operation_moves_no_stake():
    assert figures(block(others=[1]), [staking(1, "delegate", 7, success=False)]).staked == 0


def test_only_a_switch_block_tells_what_its_era_came_to():
    found = figures(block())

    assert found.next_era_weight is None
    assert found.validators is found.validators_rewards is None
    assert found.delegators is found.delegators_rewards is None


def test_a_payout_is_counted_by_pair_and_summed():
    weights = {ALICE: 10**19, CAROL: 2}
    found = figures(block(weights=weights), info=era_info(*PAYOUT))

    assert found.next_era_weight == 10**19 + 2
    assert found.next_era_validators == weights
    assert (found.validators, found.validators_rewards) == (2, 101)
    assert (found.delegators, found.delegators_rewards) == (3, 35)
    assert found.rewards[ALICE, ""] == 101
    assert found.rewards[ALICE, BOB] == 23


@pytest.mark.parametrize("info", [None, era_info(*PAYOUT, era_id=2, block_hash=digest(18))])
def test_an_immediate_switch_block_pays_nobody_whatever_a_node_says_of_the_era_before(info):
    found = figures(block(weights={ALICE: 5}, proposer="00"), info=info)

    assert found.next_era_weight == 5
    assert (found.validators, found.validators_rewards) == (0, 0)
    assert (found.delegators, found.delegators_rewards) == (0, 0)


def test_transfers_are_numbered_over_the_nodes_whole_list_and_told_apart_by_kind():
    found = figures(
        block(mint=[1], others=[2, 3]),
        [transaction(1), transaction(2), staking(3, "delegate", 5)],
        [transfer(2), transfer(3, to_account_hash=SYSTEM_ACCOUNT_HASH), transfer(1)],
    )

    assert [(row.index, row.kind) for row in found.transfer_rows] == [
        (0, "contract"),
        (1, "staking"),
        (2, "native"),
    ]


def test_a_native_transfer_to_the_system_is_still_native():
    found = figures(
        block(mint=[1]), [transaction(1)], [transfer(1, to_account_hash=SYSTEM_ACCOUNT_HASH)]
    )

    assert found.transfer_rows[0].kind == "native"


def test_what_a_burn_moves_is_no_native_transfer():
    found = figures(block(mint=[1]), [transaction(1, burn=True)], [transfer(1)])

    assert found.transfer_rows[0].kind == "contract"


def test_a_transfer_row_carries_its_transactions_submission_time():
    found = figures(block(mint=[9]), [transaction(9)], [transfer(9, transfer_id=2**64 - 1)])

    (row,) = found.transfer_rows
    assert row.submitted_at == NOON.replace(minute=9)
    assert row.transaction_hash == digest(9)
    assert (row.from_account_hash, row.to_account_hash) == (account_hash(ALICE), account_hash(BOB))
    assert (row.source, row.target) == (uref(33), uref(34))
    assert (row.amount, row.transfer_id) == (5, 2**64 - 1)


def test_accounts_are_learnt_from_senders_arguments_and_transfers_by_key():
    dave = "01" + "d4" * 32
    found = figures(
        block(mint=[1], others=[2]),
        [transaction(1, public_keys=(BOB,)), transaction(2, initiator_public_key=None)],
        [transfer(1, from_public_key=CAROL), transfer(1, to_public_key=dave)],
    )

    assert found.known_accounts == {account_hash(key): key for key in (ALICE, BOB, CAROL, dave)}


@pytest.mark.parametrize(
    ("of", "transactions", "problem"),
    [
        (block(mint=[1, 2]), [transaction(1)], "is missing"),
        (block(mint=[1]), [transaction(1), transaction(2)], "is not in the block"),
        (block(mint=[1], others=[1]), [transaction(1)], "is listed twice"),
        (block(mint=[1]), [transaction(1), transaction(1)], "is given twice"),
        (block(mint=[1]), [transaction(1, block_hash=digest(21))], "executed in another block"),
    ],
)
def test_the_transactions_must_be_the_blocks_own(of, transactions, problem):
    with pytest.raises(ParseError, match=f"{problem} at block 7"):
        figures(of, transactions)


def test_a_transfer_must_be_made_by_a_transaction_of_the_block():
    with pytest.raises(ParseError, match="made a transfer, but is not in the block at block 7"):
        figures(block(mint=[1]), [transaction(1)], [transfer(1), transfer(2)])


@pytest.mark.parametrize(
    ("of", "sent", "listed"),
    [
        (block(mint=[1]), transaction(1), []),
        (block(mint=[1]), transaction(1, transfers=2), [transfer(1)]),
        (block(others=[1]), transaction(1, transfers=2), [transfer(1)]),
    ],
)
def test_a_list_that_lacks_a_transfer_is_refused(of, sent, listed):
    with pytest.raises(ParseError, match="made more transfers than the block's list has"):
        figures(of, [sent], listed)


def test_an_amount_that_passes_the_total_supply_is_no_stake():
    found = figures(
        block(others=[1, 2]), [staking(1, "delegate", 101), staking(2, "delegate", 99)], supply=100
    )

    assert found.staked == 99


@pytest.mark.parametrize(
    ("of", "info", "problem"),
    [
        (block(weights={}), None, "era info is missing"),
        (block(), era_info(), "era info of no switch block"),
        (block(weights={}), era_info(era_id=4), "era info is of era 4"),
        (block(weights={}), era_info(block_hash=digest(21)), "era info is of era 3, block 0"),
    ],
)
def test_the_era_info_must_be_the_blocks_own(of, info, problem):
    with pytest.raises(ParseError, match=f"{problem}.* at block 7"):
        figures(of, info=info)
