"""The network file of a sandbox chain; the bundled one describes the default chain."""

from crawler.sandbox import network
from crawler.sandbox.answers.blocks import timestamp
from crawler.sandbox.parameters import ChainParameters

_HEAD = """\
# The bundled sandbox network: everything in it is invented. Written by crawler.sandbox.networkfile.
name = "{name}"
title = "{title}"
sandbox = true
# A chain with a journal starts when the journal is made; block 0's own time counts then.
genesis_time = "{genesis_time}"
genesis_supply = "{genesis_supply}"
genesis_validators_weight = "{weight}"
total_supply_uref = "{uref}"
auction_contract = "hash-{auction}"
rewards_released_from_era = {released_from}
locked_public_keys = [
{locked}]
rpc_nodes = []
"""


def network_file(parameters: ChainParameters) -> str:
    """TOML in the form of `crawler/networks/*.toml`."""
    head = _HEAD.format(
        name=parameters.chain_name,
        title=network.TITLE,
        genesis_time=timestamp(parameters.genesis_time_ms),
        genesis_supply=network.GENESIS_SUPPLY,
        weight=network.GENESIS_VALIDATORS_WEIGHT,
        uref=network.TOTAL_SUPPLY_UREF,
        auction=network.AUCTION_CONTRACT,
        released_from=network.REWARDS_RELEASED_FROM_ERA,
        locked="".join(f'  "{each.public_key}",\n' for each in network.LOCKED),
    )
    return head + _unlocks() + _treasuries(parameters)


def _unlocks() -> str:
    return "".join(
        f"\n[[unlocks]]\nhours_after_genesis = {each.hours_after_genesis}\n"
        f'amount = "{each.amount}"\n'
        for each in network.unlocks()
    )


def _treasuries(parameters: ChainParameters) -> str:
    return "".join(
        f'\n[[treasuries]]\nera = {each.era_id}\namount = "{each.amount}"\n'
        f'purse = "balance-{each.purse}"\n'
        for each in parameters.treasuries
    )
