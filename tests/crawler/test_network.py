"""Network files: the bundled ones load; every fault is one line that names file and key."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.network import Network, NetworkFileError, load_network
from crawler.parse.keys import account_hash

RIGHT = """
name = "casper-test"
genesis_time = "2021-03-31T15:00:39.552Z"
genesis_supply = "10000000000000000000"
genesis_validators_weight = "3535670616000000000"
total_supply_uref = "uref-8032100a1dcc56acf84d5fc9c968ce8caa5f2835ed665a2ae2186141e9946214-007"
"""
GENESIS = datetime(2021, 3, 31, 15, 0, 39, 552000, tzinfo=UTC)


def written(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def network(**values: Any) -> Network:
    minimal = {
        "name": "casper-test",
        "genesis_time": GENESIS,
        "genesis_supply": 10**19,
        "genesis_validators_weight": 10**18,
        "total_supply_uref": "uref-" + "ab" * 32 + "-007",
    }
    return Network.model_validate(minimal | values)


@pytest.mark.parametrize("name", ["casper", "sandbox"])
def test_a_bundled_network_loads_by_its_name(name: str):
    loaded = load_network(name)

    assert loaded.name.startswith("casper")
    assert sum(step.amount for step in loaded.unlocks) == loaded.genesis_validators_weight
    assert len(loaded.locked_accounts) == 5


def test_what_is_required_is_enough(tmp_path: Path):
    loaded = load_network(written(tmp_path, RIGHT))

    assert loaded.genesis_time == GENESIS
    assert loaded.genesis_supply == 10**19
    assert loaded.locked_accounts == frozenset()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = ", "not TOML"),
        ("", "name: Field required"),
        (RIGHT.replace("casper-test", ""), "name: "),
        (RIGHT.replace("10000000000000000000", "many"), "genesis_supply: "),
        (RIGHT.replace("10000000000000000000", "-1"), "genesis_supply: "),
        (RIGHT.replace("3535670616000000000", "0"), "genesis_validators_weight: "),
        (RIGHT.replace("2021-03-31T15:00:39.552Z", "soon"), "genesis_time: "),
        (RIGHT.replace("-007", ""), "total_supply_uref: "),
        (RIGHT + "surprise = 1", "surprise: Extra inputs are not permitted"),
        (RIGHT + 'auction_contract = "hash-12"', "auction_contract: "),
        (RIGHT + 'locked_public_keys = ["03ab"]', "locked_public_keys.0: "),
        (RIGHT + 'rpc_nodes = ["nonsense"]', "rpc_nodes.0: "),
        (RIGHT + "rewards_released_from_era = -1", "rewards_released_from_era: "),
        (RIGHT + '[[unlocks]]\namount = "1"', "unlocks.0: "),
        (
            RIGHT + '[[unlocks]]\namount = "1"\ndate = 2021-01-01\nhours_after_genesis = 1',
            "unlocks.0: ",
        ),
        (RIGHT + '[[unlocks]]\namount = "x"\nhours_after_genesis = 1', "unlocks.0.amount: "),
        (
            RIGHT + '[[unlocks]]\namount = "1"\nhours_after_genesis = inf',
            "unlocks.0.hours_after_ge",
        ),
        (
            RIGHT + '[[unlocks]]\namount = "1"\nhours_after_genesis = nan',
            "unlocks.0.hours_after_ge",
        ),
        (RIGHT + '[[treasuries]]\nera = 0\namount = "1"\npurse = "x"', "treasuries.0.era: "),
        (RIGHT + '[[treasuries]]\nera = 1\namount = "1"', "treasuries.0.purse: "),
    ],
)
def test_a_fault_is_one_line_that_names_file_and_key(tmp_path: Path, text: str, told: str):
    path = written(tmp_path, text)
    with pytest.raises(NetworkFileError) as caught:
        load_network(path)

    message = str(caught.value)
    assert message.startswith(f"network file {path}: {told}")
    assert "\n" not in message


@pytest.mark.parametrize("name", ["nowhere", "no/such/file.toml", "../casper"])
def test_an_unknown_name_is_told_the_names_there_are(name: str):
    with pytest.raises(NetworkFileError, match=r"neither a bundled network \(casper, sandbox\)"):
        load_network(name)


def test_a_file_that_is_no_text_is_told_so(tmp_path: Path):
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(NetworkFileError, match="not UTF-8 text"):
        load_network(str(path))


def test_a_time_without_a_zone_is_utc():
    loaded = network(
        genesis_time=datetime(2021, 3, 31),  # noqa: DTZ001
        unlocks=[{"date": datetime(2021, 6, 29), "amount": 1}],  # noqa: DTZ001
    )

    assert loaded.genesis_time == datetime(2021, 3, 31, tzinfo=UTC)
    assert loaded.unlock_schedule(GENESIS) == [(datetime(2021, 6, 29, tzinfo=UTC), 1)]


def test_steps_of_one_moment_add_up_and_come_oldest_first():
    loaded = network(
        unlocks=[
            {"hours_after_genesis": 2, "amount": 5},
            {"hours_after_genesis": 1, "amount": 3},
            {"date": GENESIS + timedelta(hours=2), "amount": 4},
        ]
    )

    assert loaded.unlock_schedule(GENESIS) == [
        (GENESIS + timedelta(hours=1), 3),
        (GENESIS + timedelta(hours=2), 9),
    ]


def test_steps_counted_from_genesis_follow_a_genesis_that_moves():
    loaded = network(unlocks=[{"hours_after_genesis": 0.0001, "amount": 3}])

    assert loaded.unlock_schedule(GENESIS) == [(GENESIS + timedelta(milliseconds=360), 3)]


def test_locked_accounts_are_the_keys_account_hashes():
    key = "01" + "ab" * 32

    assert network(locked_public_keys=[key.upper()]).locked_accounts == {account_hash(key)}
