"""`/api/v1/network`: the one address that every page polls, and what else follows from it."""

from casper_dash.components.api import resource
from casper_dash.components.browser import var
from casper_dash.components.rows import Network

POLL_MS = 2_000

network = resource("network", "/api/v1/network", Network, every_ms=POLL_MS)

_data = network.data._get_all_var_data()

is_sandbox = var("network.data?.sandbox === true", _data, bool)
is_at_head = var('network.data?.state === "at_head"', _data, bool)

# Parameters that end a list at the newest block or era held. With them each list has an address
# of its own, so that no cache on the way can answer with the one before.
to_newest_block = var('(network.data?.newest ? `&to=${network.data.newest.height}` : "")', _data)
to_newest_era = var('(network.data?.newest ? `&to=${network.data.newest.era_id}` : "")', _data)

# Versions for resources that change only with the chain. Null until the network is known; when
# it cannot be known they are asked all the same, so that their own panels can say what failed.
newest_block = var(
    'network.data ? (network.data.newest?.height ?? "none") : network.error ? "unknown" : null',
    _data,
)
# While catching up an era can end every second: a list of them then keeps to its own pace.
era_pace_ms = var('(network.data?.state === "catching_up" ? 15000 : 0)', _data, int)
newest_era = var(
    'network.data ? (network.data.state === "catching_up" ? "catching up"'
    ' : (network.data.newest?.era_id ?? "none")) : network.error ? "unknown" : null',
    _data,
)
