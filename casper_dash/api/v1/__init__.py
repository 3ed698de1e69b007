"""Version 1's resources, one declaration a file."""

from casper_dash.api.resource import Resource
from casper_dash.api.v1.accounts import ACCOUNTS, REWARDS
from casper_dash.api.v1.blocks import BLOCKS
from casper_dash.api.v1.eras import ERAS
from casper_dash.api.v1.flow import FLOW
from casper_dash.api.v1.network import network_resource
from casper_dash.api.v1.peers import PEERS
from casper_dash.api.v1.prices import LATEST_PRICE, PRICES
from casper_dash.api.v1.publications import PUBLICATIONS
from casper_dash.api.v1.search import SEARCH
from casper_dash.api.v1.series import SERIES
from casper_dash.api.v1.supply import SUPPLY
from casper_dash.api.v1.transfers import TRANSFERS
from casper_dash.api.v1.validators import VALIDATORS
from crawler.network import Network


def resources(network: Network) -> tuple[Resource, ...]:
    """All of them, in the order of the documentation."""
    return (
        network_resource(network),
        BLOCKS,
        ERAS,
        TRANSFERS,
        FLOW,
        ACCOUNTS,
        REWARDS,
        VALIDATORS,
        SUPPLY,
        PUBLICATIONS,
        PRICES,
        LATEST_PRICE,
        PEERS,
        SERIES,
        SEARCH,
    )
