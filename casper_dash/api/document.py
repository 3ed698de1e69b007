"""The OpenAPI document of everything that is public here."""

from typing import Any

from casper_dash.api.openapi import openapi
from casper_dash.api.v0.described import DESCRIBED as V0_DESCRIBED
from casper_dash.api.v0.described import SCHEMAS as V0_SCHEMAS
from casper_dash.api.v1 import resources
from casper_dash.api.v1.others import OTHERS_DESCRIBED
from crawler.network import Network


def document(network: Network, public_url: str = "") -> dict[str, Any]:
    """Both versions; `public_url` is where the API is reached, empty for wherever it is asked."""
    described = {**OTHERS_DESCRIBED, **V0_DESCRIBED}
    return openapi(resources(network), public_url, described, V0_SCHEMAS)
