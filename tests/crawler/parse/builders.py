"""Node answers of our own making, and a second implementation of the block hash to make them with.

Blocks are plain JSON values: a test changes what it is about, then calls `sealed` to have the
hashes right again.
"""

import copy
import json
from datetime import datetime
from hashlib import blake2b
from typing import Any

Json = dict[str, Any]

ALICE = "01" + "a1" * 32
BOB = "02" + "03" + "b2" * 32
CAROL = "01" + "c3" * 32
AUCTION = "aa" * 32


def digest(number: int) -> str:
    return f"{number:064x}"


def uref(number: int) -> str:
    return f"uref-{digest(number)}-007"


def to_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def block_v1(height: int = 7, *, era_end: Json | None = None) -> Json:
    header = {
        **_header(height, "1.5.6"),
        "era_end": era_end,
    }
    body = {"proposer": ALICE, "deploy_hashes": [digest(1)], "transfer_hashes": [digest(2)]}
    return sealed({"hash": "", "header": header, "body": body, "proofs": []})


def block_v2(height: int = 8, *, era_end: Json | None = None) -> Json:
    header = {
        **_header(height, "2.0.0"),
        "era_end": era_end,
        "proposer": BOB,
        "current_gas_price": 1,
        "last_switch_block_hash": digest(40),
    }
    lanes = {"0": [{"Deploy": digest(1)}, {"Version1": digest(2)}], "3": [{"Version1": digest(3)}]}
    body = {"transactions": lanes, "rewarded_signatures": [[240], [0]]}
    return sealed({"hash": "", "header": header, "body": body})


def _header(height: int, version: str) -> Json:
    return {
        "parent_hash": digest(10),
        "state_root_hash": digest(11),
        "body_hash": "",
        "random_bit": True,
        "accumulated_seed": digest(12),
        "timestamp": "2024-05-16T09:23:10.718Z",
        "era_id": 3,
        "height": height,
        "protocol_version": version,
    }


def era_end_v1() -> Json:
    report = {
        "equivocators": [CAROL],
        "rewards": [{"validator": ALICE, "amount": 2**64 - 1}],
        "inactive_validators": [BOB],
    }
    return {"era_report": report, "next_era_validator_weights": _weights()}


def era_end_v2() -> Json:
    return {
        "equivocators": [CAROL],
        "inactive_validators": [BOB],
        "next_era_validator_weights": _weights(),
        "rewards": {BOB: ["5", "0"], ALICE: [str(10**38 - 1)]},
        "next_era_gas_price": 1,
    }


def _weights() -> list[Json]:
    return [{"validator": BOB, "weight": "300"}, {"validator": ALICE, "weight": str(10**19)}]


def sealed(block: Json) -> Json:
    """The block with the hashes that its contents have."""
    block = copy.deepcopy(block)
    block["header"]["body_hash"] = _blake(_body(block["body"]))
    block["hash"] = _blake(_header_bytes(block["header"]))
    return block


def v1_result(block: Json) -> bytes:
    return to_json({"api_version": "1.5.6", "block": block})


def sidecar_result(block: Json) -> bytes:
    version = "Version2" if "transactions" in block["body"] else "Version1"
    signed = {"block": {version: block}, "proofs": []}
    return to_json({"api_version": "2.0.0", "block_with_signatures": signed})


def _blake(data: bytes) -> str:
    return blake2b(data, digest_size=32).hexdigest()


def _integer(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little")


def _list(items: list[bytes]) -> bytes:
    return _integer(len(items), 4) + b"".join(items)


def _keys(keys: list[str]) -> bytes:
    return _list([bytes.fromhex(key) for key in keys])


def _amount(digits: str) -> bytes:
    encoded = b""
    rest = int(digits)
    while rest:
        encoded += bytes([rest % 256])
        rest //= 256
    return bytes([len(encoded)]) + encoded


def _header_bytes(header: Json) -> bytes:
    encoded = b"".join(bytes.fromhex(header[f"{name}_hash"]) for name in ("parent", "state_root"))
    encoded += bytes.fromhex(header["body_hash"]) + bytes([header["random_bit"]])
    encoded += bytes.fromhex(header["accumulated_seed"])
    encoded += b"\x01" + _era_end(header["era_end"]) if header["era_end"] else b"\x00"
    milliseconds = round(datetime.fromisoformat(header["timestamp"]).timestamp() * 1000)
    encoded += b"".join(_integer(n, 8) for n in (milliseconds, header["era_id"], header["height"]))
    encoded += b"".join(_integer(int(part), 4) for part in header["protocol_version"].split("."))
    if "proposer" in header:
        last = header["last_switch_block_hash"]
        encoded += bytes.fromhex(header["proposer"]) + bytes([header["current_gas_price"]])
        encoded += b"\x01" + bytes.fromhex(last) if last else b"\x00"
    return encoded


def _era_end(era_end: Json) -> bytes:
    entries = era_end["next_era_validator_weights"]
    weights = _list(sorted(bytes.fromhex(e["validator"]) + _amount(e["weight"]) for e in entries))
    if "era_report" not in era_end:
        rewards = [
            bytes.fromhex(key)
            + (_amount(paid) if isinstance(paid, str) else _list([*map(_amount, paid)]))
            for key, paid in era_end["rewards"].items()
        ]
        idle = _keys(era_end["equivocators"]) + _keys(era_end["inactive_validators"])
        return idle + weights + _list(sorted(rewards)) + bytes([era_end["next_era_gas_price"]])
    report = era_end["era_report"]
    factors = [bytes.fromhex(r["validator"]) + _integer(r["amount"], 8) for r in report["rewards"]]
    idle = _keys(report["inactive_validators"])
    return _keys(report["equivocators"]) + _list(sorted(factors)) + idle + weights


def _body(body: Json) -> bytes:
    if "proposer" in body:
        hashes = _keys(body["deploy_hashes"]) + _keys(body["transfer_hashes"])
        return bytes.fromhex(body["proposer"]) + hashes
    lanes = [
        bytes([int(lane)]) + _list([_tagged(tagged) for tagged in hashes])
        for lane, hashes in body["transactions"].items()
    ]
    signatures = [_list([bytes([byte]) for byte in row]) for row in body["rewarded_signatures"]]
    return _list(sorted(lanes)) + _list(signatures)


def _tagged(tagged: Json) -> bytes:
    ((kind, digits),) = tagged.items()
    return bytes([kind == "Version1"]) + bytes.fromhex(digits)


def cl_amount(amount: int) -> Json:
    return {"cl_type": "U512", "bytes": _amount(str(amount)).hex(), "parsed": str(amount)}


def cl_key(key: str) -> Json:
    return {"cl_type": "PublicKey", "bytes": key, "parsed": key}


def staking_arguments(**arguments: str | int) -> list[list[Any]]:
    """Keys from text, amounts from numbers."""
    return [
        [name, cl_amount(value) if isinstance(value, int) else cl_key(value)]
        for name, value in arguments.items()
    ]


def deploy_answer(session: Json, *, transforms: list[Json] | None = None) -> Json:
    """A successful deploy of Alice's, as a 1.x node answers."""
    header = {"account": ALICE, "timestamp": "2023-01-02T03:04:05.678Z"}
    success = {"Success": {"effect": {"transforms": transforms or []}, "transfers": []}}
    return {
        "deploy": {"hash": digest(1), "header": header, "session": session, "payment": {}},
        "execution_results": [{"block_hash": digest(20), "result": success}],
    }


def transaction_answer(
    target: Any, entry_point: Any, args: list[list[Any]], *, effects: list[Json] | None = None
) -> Json:
    """A successful TransactionV1 of Bob's."""
    payload = {
        "initiator_addr": {"PublicKey": BOB},
        "timestamp": "2025-01-02T03:04:05.678Z",
        "fields": {"args": {"Named": args}, "target": target, "entry_point": entry_point},
    }
    result = {"Version2": {"error_message": None, "effects": effects or [], "transfers": []}}
    return {
        "transaction": {"Version1": {"hash": digest(2), "payload": payload}},
        "execution_info": {"block_hash": digest(20), "execution_result": result},
    }


def transfer_v1(number: int = 1) -> Json:
    return {
        "deploy_hash": digest(number),
        "from": f"account-hash-{digest(31)}",
        "to": f"account-hash-{digest(32)}",
        "source": uref(33),
        "target": uref(34),
        "amount": "2500000000",
        "gas": "0",
        "id": None,
    }


def transfer_v2(number: int = 2) -> Json:
    transfer = {**transfer_v1(), "transaction_hash": {"Version1": digest(number)}}
    del transfer["deploy_hash"]
    return {**transfer, "from": {"PublicKey": BOB}, "id": 2**64 - 1}


def transfers_answer(*transfers: Json) -> Json:
    return {"api_version": "2.0.0", "block_hash": digest(20), "transfers": list(transfers)}


def era_info_answer(*allocations: Json) -> Json:
    stored = {"EraInfo": {"seigniorage_allocations": list(allocations)}}
    return {"era_summary": {"block_hash": digest(20), "era_id": 3, "stored_value": stored}}


def supply_answer(cl_value: Json) -> bytes:
    return to_json({"stored_value": {"CLValue": cl_value}, "merkle_proof": "00"})
