import tomllib
from pathlib import Path

from crawler.sandbox import network
from crawler.sandbox.chain import Chain
from crawler.sandbox.networkfile import network_file
from crawler.sandbox.parameters import ChainParameters

BUNDLED = Path(network.__file__).parents[1] / "networks" / "sandbox.toml"


def test_the_bundled_file_describes_the_default_chain():
    assert BUNDLED.read_text() == network_file(ChainParameters())


def test_the_file_is_the_same_for_every_seed_and_mixture():
    other = ChainParameters(seed=77, mixture="busy", blocks_per_era=50)

    assert network_file(other) == network_file(ChainParameters())


def test_its_constants_are_those_of_genesis():
    values = tomllib.loads(network_file(ChainParameters()))
    genesis = Chain().blocks[0]

    assert values["name"] == "casper-sandbox"
    assert values["title"] == "Sandbox network (invented data)"
    assert int(values["genesis_supply"]) == genesis.total_supply
    weights = genesis.header.era_end.weights.values()
    assert int(values["genesis_validators_weight"]) == sum(weights)
    assert sum(int(each["amount"]) for each in values["unlocks"]) == sum(weights)
    assert len(values["locked_public_keys"]) == 5
    assert [each["era"] for each in values["treasuries"]] == [30, 40]
