"""Every recorded answer of a real node is read, and comes to what is known of it."""

import json
from itertools import pairwise

import msgspec
import pytest

from crawler.parse.assemble import assemble
from crawler.parse.auction import parse_auction_info
from crawler.parse.block_json import BlockV1, VersionedBlock
from crawler.parse.blocks import _record, parse_block, parse_block_added
from crawler.parse.envelope import read_envelope
from crawler.parse.errors import ErrorAnswer, HashMismatch, ParseError
from crawler.parse.peers import parse_peers
from crawler.parse.records import StakingOperation
from crawler.parse.rewards import parse_era_info
from crawler.parse.status import parse_status
from crawler.parse.supply import parse_balance, parse_total_supply
from crawler.parse.transactions import parse_transaction
from crawler.parse.transfers import parse_transfers
from tests.crawler.parse.recorded import (
    needs_recordings,
    recorded_block,
    recorded_events,
    recorded_files,
    recorded_methods,
    recorded_result,
    recorded_text,
    to_json,
)

pytestmark = needs_recordings

MAINNET_AUCTION = "hash-ccb576d6ce6dec84a551e48f0d0b7af89ddba44c7390b690036257a04a3ae9ea"
LOCAL_AUCTION = "hash-d39b360530484c6b3ed32e84a1198b368fe2bae3d5c9e8af6b0ae4d3eba73caa"

# File → what its hashes come to, height, era, lengths of mint lane and others, next era's weight.
BLOCKS = {
    "v1-integration-1.5.0-h1749608-switch-system-proposer.json": (
        ("verified", 1749608, 9128, 0, 0, 2051157523661722856)
    ),
    "v1-local-1.0.0-h2978.json": ("verified", 2978, 271, 0, 0, None),
    "v1-local-1.0.0-h314.json": ("verified", 314, 28, 0, 0, None),
    "v1-mainnet-1.3.2-h239119-switch-EDITED.json": (
        ("header", 239119, 2192, 1, 0, 160336506581953987)
    ),
    "v1-mainnet-1.3.2-h239119-wrapped-as-Version1.json": (
        ("header", 239119, 2192, 1, 0, 160336506581953987)
    ),
    "v1-mainnet-1.5.3-h2346915-wrapped-as-Version1.json": (
        ("verified", 2346915, 12082, 1, 50, None)
    ),
    "v1-mainnet-1.5.3-h2346915.json": ("verified", 2346915, 12082, 1, 50, None),
    "v1-mainnet-1.5.6-h2947381.json": ("verified", 2947381, 13670, 1, 25, None),
    "v1-testnet-1.1.0-h20612.json": ("verified", 20612, 273, 0, 0, None),
    "v1-testnet-1.4.10-h1412462-switch-EDITED-with-deploys.json": (
        ("body", 1412462, 7723, 1, 25, 48983458962080616)
    ),
    "v1-testnet-1.4.10-h1412462-switch.json": ("verified", 1412462, 7723, 0, 0, 48983458962080616),
    "v1-testnet-1.4.3-h430048-checksummed-hex.json": ("verified", 430048, 3240, 0, 0, None),
    "v1-testnet-1.4.3-h430050-checksummed-hex.json": ("verified", 430050, 3240, 0, 0, None),
    "v1-testnet-1.5.2-h1890893-switch-system-proposer.json": (
        ("verified", 1890893, 9904, 0, 0, 45914914878757716)
    ),
    "v1-unknown-1.4.12-h1502100.json": ("header", 1502100, 8002, 0, 0, None),
    "v2-devnet-2.0.0-h441-switch-EDITED-lanes-0-5.json": ("body", 441, 1, 1, 5, 400000000000000),
    "v2-local-2.0.0-h1551-switch.json": ("verified", 1551, 141, 0, 1, 7710000000000000718),
    "v2-local-2.0.0-h189.json": ("verified", 189, 18, 0, 0, None),
    "v2-local-2.0.0-h197.json": ("verified", 197, 18, 0, 0, None),
    "v2-local-2.0.0-h9759-switch.json": ("verified", 9759, 901, 0, 0, 58740000000000063623),
    "v2-schema-example-h10.json": ("body", 10, 1, 1, 3, 1368),
    "v2-unknown-2.0.4-h3643048-lanes-0-and-1.json": ("verified", 3643048, 15283, 1, 1, None),
}
CHAINS = {
    "local-2.0.0-chain-h0-50": (range(51), [0, 11, 22, 33, 44]),
    "local-2.0.0-chain-h469-474": (range(469, 475), [469]),
}

# File → heights of its blocks and how many of them end an era.
EVENTS = {
    "v1-local-1.0.0-h0-1.stream.txt": (range(2), 1),
    "v1-testnet-1.4.7-events.json": ([1002230, *range(1020818, 1020825)], 0),
    "v1-testnet-1.4.7-h1021137-39.stream.txt": (range(1021137, 1021140), 0),
    "v1-testnet-1.4.8-BlockAdded-h1239489-switch.json": ([1239489], 1),
    "v2-block_added.json": ([89049], 0),
    "v2-local-2.0.0-h0-155.stream.txt": (range(156), 15),
    "v2-local-2.0.0-h3981-4140-with-deploy.stream.txt": (range(3981, 4141), 14),
}
EVENTS_WITHOUT_BLOCKS = {
    "v1-deploy_processed.json",
    "v1-deploys-events.txt",
    "v1-fault.json",
    "v1-step-event.txt",
    "v1-step.json",
    "v2-finality_signature.json",
    "v2-transaction_accepted.json",
    "v2-transaction_expired.json",
    "v2-transaction_processed.json",
}

# File → success and staking; None: not executed.
DEPLOYS = {
    "v1-SYNTHETIC-all-transforms.json": (True, None),
    "v1-mainnet-1.3.2-Transfer-not-executed.json": None,
    "v1-mainnet-1.3.2-Transfer-success.json": (True, None),
    "v1-mainnet-1.3.2-delegate-StoredContractByHash.json": (True, ("delegate", 797050000000000)),
    "v1-mainnet-1.4.8-undelegate-explorer-wrapper.json": (True, ("undelegate", 43888080800000)),
    "v1-mainnet-1.5.3-delegate-StoredContractByHash.json": (True, ("delegate", 3470000000000)),
    "v1-mainnet-1.5.6-Transfer-success.json": (True, None),
    "v1-mainnet-1.5.6-undelegate-StoredContractByHash.json": (True, ("undelegate", 137497873164)),
    "v1-testnet-1.1.0-ModuleBytes-transfer-success.json": (True, None),
    "v1-testnet-1.4.10-StoredContractByName-failure.json": (False, None),
    "v1-testnet-1.4.3-ModuleBytes-failure-out-of-gas.json": (False, None),
    "v1-testnet-1.5.6-StoredVersionedContract-failure.json": (False, None),
    "v1-testnet-1.5.6-Transfer-success.json": (True, None),
    "v2-devnet-2.0.0-ModuleBytes-success.json": (True, None),
    "v2-local-2.0.0-Transfer-failure.json": (False, None),
    "v2-local-2.0.0-Transfer-success.json": (True, None),
    "v2-local-2.0.0-Version1-failure.json": (False, None),
    "v2-local-2.0.0-Version1-success.json": (True, None),
    "v2-local-2.0.0-Version2-success.json": (True, None),
    "v2-sidecar-mainnet-delegate-execution_info-Version1.json": (
        (True, ("delegate", 797050000000000))
    ),
    "v2-sidecar-mainnet-undelegate-execution_info-Version1.json": (
        (True, ("undelegate", 137497873164))
    ),
}
TRANSACTIONS = {
    "v2-integration-native-AddReservations.json": (True, None),
    "v2-local-Deploy-stored.json": (True, None),
    "v2-local-Deploy-transfer-java.json": (False, None),
    "v2-local-Deploy-transfer.json": (True, None),
    "v2-local-delegate-by-contract-hash.json": (True, ("delegate", 900000000000)),
    "v2-local-native-transfer-success.json": (True, None),
    "v2-local-session-install.json": (True, None),
    "v2-local-stored-contract-failure.json": (False, None),
    "v2-testnet-no-execution-result.json": None,
}
REFUSED_TRANSACTIONS = {
    # A layout that no released node had.
    "v2-devnet-native-transfer-old-rc-body-layout.json": "missing required field `payload`",
    # Its arguments were replaced: a delegation without an amount cannot have succeeded.
    "v2-local-args-zoo.json": "expected the amount of a successful delegate",
}

# File → deploy or transaction, amount and id of its transfers.
TRANSFERS = {
    "v1-1.5.6.json": [("68334636", 10000000000, 2)],
    "v1-mainnet-1.3.2.json": [("c22fab53", 597335999990000, None)],
    "v1-mainnet-1.5.3.json": [("c709e727", 445989400000, 1)],
    "v1-testnet-1.1.0.json": [("5db09c02", 7000000000, None)],
    "v1-testnet-1.4.15-empty.json": [],
    "v2-2.0.0-Version1-wrapped.json": [("c709e727", 445989400000, 1)],
    "v2-2.0.0-Version2.json": [("2345b42f", 10000000000000, 1)],
    "v2-2.0.0-old-rc.json": [("68334636", 10000000000, 2)],
}

# File → era, number and sum of validators' allocations, of delegators'; None: no switch block.
ERA_INFOS = {
    "v1-1.4.15-not-switch-null.json": None,
    "v1-local-1.0.0-era5.json": (
        (5, 5, 285969996431680171984609927, 5, 254156543244845802714303979)
    ),
    "v1-mainnet-1.3.2-era1835-shrunk.json": (1835, 5, 1191100128209, 19, 2841358879189),
    "v1-mainnet-1.3.2-era1835.json": (1835, 100, 38259980812537, 2430, 141043842040330),
    "v1-testnet-1.1.0-era4.json": (4, 89, 4148382268513, 0, 0),
    "v1-testnet-1.4.8-era6930.json": (6930, 100, 1682003166880, 8725, 4002125335807),
}
ERA_SUMMARIES = {
    "v1-EraInfo-1.5.8-fragment.json": (0, 5, 22926535714285715, 5, 22073464285714285),
    "v1-local-1.5-era1.json": (1, 5, 278165132160952621714882644, 5, 261961338054473630358572492),
    "v2-2.0.0-era15383.json": (15383, 8, 372604363868384, 0, 0),
    "v2-DelegatorKind-era14926.json": (14926, 8, 369498618137228, 22, 2924814081),
    "v2-EraInfo-2.0.0-fragment.json": (0, 10, 28669229852774978, 10, 26330770147225025),
}

# File → height, number and sum of bids, of delegations, of unbonds; inactive bids.
AUCTIONS = {
    "v1-local-1.0.0-h2672.json": (
        (2672, 5, 73519851889174312462781857270, 5, 57034737441564439788354408992, 0, 0, 0)
    ),
    "v1-mainnet-1.3.2-h236509-shrunk.json": (
        (236509, 2, 2975239347993157, 5, 31080113638072690, 0, 0, 0)
    ),
    "v1-testnet-1.5.6-h3192405-shrunk.json": (3192405, 3, 2726947521090, 3, 90805428087, 0, 0, 3),
    "v2-integration-2.0.0-h3480973-shrunk.json": (
        (3480973, 2, 3500000000, 2, 8112377626641, 1, 500000000000, 2)
    ),
    "v2-integration-2.0.0-h4628886-full.json": (
        (4628886, 12, 3771101307090853986, 1404, 1956996875057587, 128, 101245282795402, 5)
    ),
    "v2-local-2.0.0-h1394-rc.json": (
        (1394, 5, 3621564412460759698, 7, 3318515587539240840, 0, 0, 0)
    ),
}

# File → network, height, range held, state.
STATUSES = {
    "v1-local-1.5.1-available_block_range.json": ("casper-net-1", 2321, 0, 2321, "Validate"),
    "v1-mainnet-1.3.2-h192714.json": ("casper", 192714, None, None, None),
    "v1-testnet-1.4.15-h1732250.json": ("casper-test", 1732250, None, None, None),
    "v1-testnet-1.4.3-h430063.json": ("casper-test", 430063, None, None, None),
    "v1-testnet-1.5.2-h1890732.json": ("casper-test", 1890732, None, None, None),
    "v2-devnet-2.0.0-h170022.json": ("dev-net", 170022, 0, 170022, "Validate"),
    "v2-local-2.0.0-h7540.json": ("casper-net-1", 7540, 0, 7540, "Validate"),
}
PEERS = {"v1-1.5.3.json": 223, "v1-testnet-1.4.15.json": 261}

BALANCES = {
    "state_get_balance/v1-1.5.6.json": 240031118595,
    "state_get_balance/v1-testnet-1.4.3.json": 869077209920,
    "query_balance/v1-1.5.6.json": 2185526467561,
    "query_balance/v2-2.0.0-result-only.json": 1576039612769,
    "query_balance_details/v2-local-2.0.0.json": 999999999999999999999937500000000,
}

# None of them is a U512: each must be refused as a total supply.
OTHER_STORED_VALUES = {
    "state_get_item": {
        "EXAMPLE-CLValue-U512.json",
        "v1-1.5.2-CLValue-String.json",
        "v1-1.5.6-Contract.json",
        "v1-EXAMPLE-Transfer.json",
        "v1-mainnet-1.5.3-Account.json",
    },
    "query_global_state": {
        "v1-example-Account.json",
        "v1-mainnet-1.5.6-DeployInfo.json",
        "v1-testnet-1.4.15-Withdraw.json",
        "v2-LegacyTransfer.json",
        "v2-devnet-AddressableEntity-system-auction.json",
        "v2-devnet-AddressableEntity-system-mint.json",
    },
}

# File → code and whether the envelope was recorded too.
ERRORS = {
    "info_get_deploy-invalid.json": (-32008, False),
    "info_get_deploy-non-existent.json": (-32000, False),
    "info_get_deploy-ttl-expired.json": (-32008, False),
    "invalid-params-32602.json": (-32602, True),
}

KNOWN = {
    "chain_get_block": {
        *BLOCKS,
        *(f"{name}/block-{h:02}.json" for name, (heights, _) in CHAINS.items() for h in heights),
    },
    "sse": {*EVENTS, *EVENTS_WITHOUT_BLOCKS},
    "info_get_deploy": {*DEPLOYS},
    "info_get_transaction": {*TRANSACTIONS, *REFUSED_TRANSACTIONS},
    "chain_get_block_transfers": {*TRANSFERS},
    "chain_get_era_info_by_switch_block": {*ERA_INFOS},
    "chain_get_era_summary": {*ERA_SUMMARIES},
    "state_get_auction_info": {*AUCTIONS},
    "info_get_status": {*STATUSES},
    "info_get_peers": {*PEERS},
    "state_get_balance": {"v1-1.5.6.json", "v1-testnet-1.4.3.json"},
    "query_balance": {"v1-1.5.6.json", "v2-2.0.0-result-only.json"},
    "query_balance_details": {"v2-local-2.0.0.json"},
    **OTHER_STORED_VALUES,
    "errors": {*ERRORS},
}
NOT_READ = {
    "chain_get_state_root_hash",
    "info_get_chainspec",
    "info_get_reward",
    "info_get_validator_changes",
    "network",
    "schema",
}


def test_no_recorded_method_is_forgotten():
    assert recorded_methods() == {*KNOWN, *NOT_READ}


@pytest.mark.parametrize("method", KNOWN)
def test_no_recorded_file_is_forgotten(method):
    assert recorded_files(method) == KNOWN[method]


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_is_verified_unless_it_was_edited(name):
    verdict, *expected = BLOCKS[name]
    if verdict == "verified":
        record = parse_block(recorded_block(name))
    else:
        with pytest.raises(HashMismatch) as caught:
            parse_block(recorded_block(name))
        assert (caught.value.height, caught.value.part) == (expected[0], verdict)
        record = unverified(name)

    lanes = len(record.mint_lane), len(record.other_lanes)
    weight = sum(record.era_end.next_era_weights.values()) if record.era_end else None
    assert [record.height, record.era_id, *lanes, weight] == expected


def unverified(name):
    result = json.loads(recorded_block(name))
    if "block" in result:
        return _record(msgspec.json.decode(to_json(result["block"]), type=BlockV1))
    versioned = to_json(result["block_with_signatures"]["block"])
    return _record(msgspec.json.decode(versioned, type=VersionedBlock).content())


@pytest.mark.parametrize("name", CHAINS)
def test_consecutive_blocks_are_linked(name):
    heights, switches = CHAINS[name]
    blocks = [parse_block(recorded_block(f"{name}/block-{height:02}.json")) for height in heights]

    assert [block.height for block in blocks] == list(heights)
    assert [block.height for block in blocks if block.switch] == switches
    assert all(child.parent_hash == parent.hash for parent, child in pairwise(blocks))


@pytest.mark.parametrize("name", EVENTS)
def test_announced_blocks_are_verified_and_linked(name):
    heights, switches = EVENTS[name]
    events = [event for event in recorded_events(name) if "BlockAdded" in event]
    blocks = [parse_block_added(to_json(event)) for event in events]

    assert [block.height for block in blocks] == list(heights)
    assert sum(block.switch for block in blocks) == switches
    neighbours = [pair for pair in pairwise(blocks) if pair[1].height == pair[0].height + 1]
    assert all(child.parent_hash == parent.hash for parent, child in neighbours)


@pytest.mark.parametrize("name", sorted(EVENTS_WITHOUT_BLOCKS))
def test_other_events_announce_no_block(name):
    for event in recorded_events(name):
        with pytest.raises(ParseError):
            parse_block_added(to_json(event))


@pytest.mark.parametrize(
    ("name", "auction_contract", "expected"),
    [
        *((f"info_get_deploy/{name}", MAINNET_AUCTION, known) for name, known in DEPLOYS.items()),
        *(
            (f"info_get_transaction/{name}", LOCAL_AUCTION, known)
            for name, known in TRANSACTIONS.items()
        ),
    ],
)
def test_a_transaction_comes_to_what_is_known_of_it(name, auction_contract, expected):
    record = parse_transaction(recorded_result(name), auction_contract=auction_contract)

    if expected is None:
        assert record is None
    else:
        success, staking = expected
        assert record.success is success
        assert record.staking == (staking and StakingOperation(*staking))
        assert not record.burn


@pytest.mark.parametrize("name", REFUSED_TRANSACTIONS)
def test_a_transaction_that_cannot_be_is_refused(name):
    result = recorded_result(f"info_get_transaction/{name}")

    with pytest.raises(ParseError, match=REFUSED_TRANSACTIONS[name]):
        parse_transaction(result, auction_contract=LOCAL_AUCTION)


def test_a_delegate_of_a_contract_that_is_no_auction_is_no_staking():
    result = recorded_result("info_get_transaction/v2-local-args-zoo.json")

    assert parse_transaction(result, auction_contract=MAINNET_AUCTION).staking is None


def test_a_senders_account_is_the_one_that_its_transfer_names():
    deploy = recorded_result("info_get_deploy/v1-testnet-1.1.0-ModuleBytes-transfer-success.json")
    record = parse_transaction(deploy, auction_contract=MAINNET_AUCTION)
    found = parse_transfers(recorded_result("chain_get_block_transfers/v1-testnet-1.1.0.json"))

    (transfer,) = found.transfers
    assert found.block_hash == record.block_hash
    assert transfer.transaction_hash == record.hash
    assert transfer.from_account_hash == record.initiator_account_hash


@pytest.mark.parametrize("name", TRANSFERS)
def test_a_blocks_transfers_come_to_what_is_known_of_them(name):
    found = parse_transfers(recorded_result(f"chain_get_block_transfers/{name}"))

    assert [(t.transaction_hash[:8], t.amount, t.transfer_id) for t in found.transfers] == (
        TRANSFERS[name]
    )


@pytest.mark.parametrize("name", ERA_INFOS)
def test_an_era_info_comes_to_known_sums(name):
    info = parse_era_info(recorded_result(f"chain_get_era_info_by_switch_block/{name}"))

    assert era_sums(info) == ERA_INFOS[name]


@pytest.mark.parametrize("name", ERA_SUMMARIES)
def test_an_era_summary_comes_to_known_sums(name):
    result = json.loads(recorded_result(f"chain_get_era_summary/{name}"))
    if "EraInfo" in result:
        result = {"block_hash": "00" * 32, "era_id": 0, "stored_value": result}
    if "era_summary" not in result:
        result = {"era_summary": result}

    assert era_sums(parse_era_info(to_json(result))) == ERA_SUMMARIES[name]


def era_sums(info):
    if info is None:
        return None
    own = [part.amount for part in info.allocations if part.delegator is None]
    shared = [part.amount for part in info.allocations if part.delegator is not None]
    return info.era_id, len(own), sum(own), len(shared), sum(shared)


def test_a_switch_block_and_its_era_info_make_one_whole():
    (event,) = recorded_events("v1-testnet-1.4.8-BlockAdded-h1239489-switch.json")
    block = parse_block_added(to_json(event))
    name = "chain_get_era_info_by_switch_block/v1-testnet-1.4.8-era6930.json"

    figures = assemble(block, [], [], parse_era_info(recorded_result(name)), 0)

    assert (figures.validators, figures.validators_rewards) == (100, 1_682_003_166_880)
    assert (figures.delegators, figures.delegators_rewards) == (8725, 4_002_125_335_807)


@pytest.mark.parametrize("name", AUCTIONS)
def test_an_auction_comes_to_known_sums(name):
    info = parse_auction_info(recorded_result(f"state_get_auction_info/{name}"))

    stakes = [bid.self_stake for bid in info.bids]
    delegated = [delegation.amount for delegation in info.delegations]
    unbonding = [unbond.amount for unbond in info.unbonds]
    sums = (
        part for listed in (stakes, delegated, unbonding) for part in (len(listed), sum(listed))
    )
    inactive = sum(bid.inactive for bid in info.bids)
    assert (info.block_height, *sums, inactive) == AUCTIONS[name]


@pytest.mark.parametrize("name", STATUSES)
def test_a_status_tells_what_is_known_of_the_node(name):
    status = parse_status(recorded_result(f"info_get_status/{name}"))

    held = status.available_low, status.available_high
    told = (status.chain_name, status.head.height, *held, status.reactor_state)
    assert told == STATUSES[name]


@pytest.mark.parametrize("name", PEERS)
def test_every_peer_is_read(name):
    assert len(parse_peers(recorded_result(f"info_get_peers/{name}"))) == PEERS[name]


@pytest.mark.parametrize("name", BALANCES)
def test_a_balance_is_read_to_the_mote(name):
    assert parse_balance(recorded_result(name)) == BALANCES[name]


@pytest.mark.parametrize(
    "name",
    sorted(f"{method}/{name}" for method, names in OTHER_STORED_VALUES.items() for name in names),
)
def test_another_stored_value_is_no_supply(name):
    with pytest.raises(ParseError):
        parse_total_supply(recorded_result(name))


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_keeps_its_code(name):
    code, enveloped = ERRORS[name]
    answer = json.loads(recorded_text(f"errors/{name}"))
    body = answer if enveloped else {"jsonrpc": "2.0", "id": 1, "error": answer}

    with pytest.raises(ErrorAnswer) as caught:
        read_envelope(to_json(body))

    assert caught.value.code == code
