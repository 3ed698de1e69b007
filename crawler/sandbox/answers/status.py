"""What a node says about itself: status, peers, changes of the validators."""

from collections.abc import Iterator

from crawler.sandbox.answers.blocks import timestamp
from crawler.sandbox.answers.clvalue import Json
from crawler.sandbox.block import Block
from crawler.sandbox.chain import Chain
from crawler.sandbox.network import VALIDATORS

PEER_COUNT = 12
_FIRST_PEER_PORT = 35_000


def status(chain: Chain, head: Block, low: int, *, is_v2: bool) -> Json:
    """An `info_get_status` result without its `api_version`."""
    header = head.header
    changes: Json = {
        "peers": peers(),
        "build_version": "2.2.0-sandbox" if is_v2 else "1.5.6-sandbox",
        "chainspec_name": chain.parameters.chain_name,
        "starting_state_root_hash": "0" * 64,
        "last_added_block_info": {
            "hash": head.hash.hex(),
            "timestamp": timestamp(header.timestamp_ms),
            "era_id": header.era_id,
            "height": header.height,
            "state_root_hash": header.state_root_hash.hex(),
            "creator": header.proposer,
        },
        "our_public_signing_key": VALIDATORS[0].public_key,
        "round_length": "16s 384ms",
        "next_upgrade": _next_upgrade(chain, header.era_id),
        "uptime": "1day 2h 3m 4s",
        "reactor_state": "Validate",
        "last_progress": timestamp(header.timestamp_ms),
        "available_block_range": {"low": low, "high": header.height},
        "block_sync": {"historical": None, "forward": None},
    }
    if is_v2:
        changes["protocol_version"] = header.protocol_version
        changes["latest_switch_block_hash"] = chain.last_switch_block(head).hash.hex()
    return changes


def peers() -> list[Json]:
    """Invented peers, at addresses that RFC 5737 keeps for documentation."""
    return [
        {
            "node_id": f"tls:{place * 4099 + 17:04x}..{place * 977 + 5:04x}",
            "address": f"198.51.100.{place + 1}:{_FIRST_PEER_PORT}",
        }
        for place in range(PEER_COUNT)
    ]


def validator_changes(chain: Chain, head: Block) -> list[Json]:
    """Who joined or left at the start of the head's era."""
    era_id = head.header.era_id
    return [
        {
            "public_key": key,
            "status_changes": [{"era_id": era_id, "validator_change": change}],
        }
        for key, change in _changes(_weights(chain, era_id - 2), _weights(chain, era_id - 1))
    ]


def _changes(before: set[str], after: set[str]) -> Iterator[tuple[str, str]]:
    yield from ((key, "Added") for key in sorted(after - before))
    yield from ((key, "Removed") for key in sorted(before - after))


def _weights(chain: Chain, era_id: int) -> set[str]:
    block = chain.switch_block(era_id)
    return set(block.header.era_end.weights) if block and block.header.era_end else set()


def _next_upgrade(chain: Chain, era_id: int) -> Json | None:
    """An upgrade is announced in the era before it."""
    for activation, version in chain.parameters.versions:
        if activation == era_id + 1:
            return {"activation_point": activation, "protocol_version": version}
    return None
