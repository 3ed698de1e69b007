"""`info_get_status` → what a node says of itself."""

import msgspec

from crawler.parse.fields import BlockRange, Hash, Index, Result, Timestamp, reads, utc_milliseconds
from crawler.parse.records import BlockReference, StatusRecord


class _Head(msgspec.Struct):
    hash: Hash
    timestamp: Timestamp
    era_id: Index
    height: Index


class _Upgrade(msgspec.Struct):
    protocol_version: str
    activation_point: Index | str
    """An era, or a genesis' time."""


class _Status(msgspec.Struct):
    chainspec_name: str
    build_version: str
    last_added_block_info: _Head | None = None
    available_block_range: BlockRange | None = None
    reactor_state: str | None = None
    protocol_version: str | None = None
    next_upgrade: _Upgrade | None = None
    uptime: str | None = None


_decoder = msgspec.json.Decoder(_Status)


@reads("info_get_status")
def parse_status(result: Result) -> StatusRecord:
    """What the answering node says of itself and its newest block."""
    status = _decoder.decode(result)
    head, available = status.last_added_block_info, status.available_block_range
    era = None if status.next_upgrade is None else status.next_upgrade.activation_point
    return StatusRecord(
        chain_name=status.chainspec_name,
        head=None if head is None else _reference(head),
        available_low=None if available is None else available.low,
        available_high=None if available is None else available.high,
        reactor_state=status.reactor_state,
        build_version=status.build_version,
        protocol_version=status.protocol_version,
        next_upgrade=None if status.next_upgrade is None else status.next_upgrade.protocol_version,
        next_upgrade_era=era if isinstance(era, int) else None,
        uptime=status.uptime,
    )


def _reference(head: _Head) -> BlockReference:
    timestamp = utc_milliseconds(head.timestamp)
    return BlockReference(head.height, head.hash.lower(), head.era_id, timestamp)
