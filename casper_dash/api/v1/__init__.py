"""Version 1's resources, one declaration a file."""

from casper_dash.api.resource import Resource
from casper_dash.api.v1.blocks import BLOCKS
from casper_dash.api.v1.eras import ERAS
from casper_dash.api.v1.network import network_resource
from crawler.network import Network


def resources(network: Network) -> tuple[Resource, ...]:
    """All of them, in the order of the documentation."""
    return (network_resource(network), BLOCKS, ERAS)
