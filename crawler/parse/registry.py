"""The system contracts' hashes, as the chain's own registry names them."""

import msgspec

from crawler.parse.fields import Hash, Result, reads

REGISTRY_KEY = "system-contract-registry-" + "0" * 64


class _Entry(msgspec.Struct):
    key: str
    value: Hash


class _CLValue(msgspec.Struct):
    parsed: list[_Entry]


class _StoredValue(msgspec.Struct):
    cl_value: _CLValue = msgspec.field(name="CLValue")


class _Registry(msgspec.Struct):
    stored_value: _StoredValue


_decoder = msgspec.json.Decoder(_Registry)


@reads("query_global_state")
def parse_system_contracts(result: Result) -> dict[str, str]:
    """Name (`auction`, `mint`, …) → contract hash, from the value under REGISTRY_KEY."""
    entries = _decoder.decode(result).stored_value.cl_value.parsed
    return {entry.key: entry.value.lower() for entry in entries}
