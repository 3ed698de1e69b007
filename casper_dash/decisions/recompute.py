"""Recomputes the circulating supply of the evidence pack it lies in, and proves the pack's files.

Needs Python 3.9 or later and nothing else: `python -I recompute.py`. Exits 1 where anything is
not as it was signed. Name the publisher's key to be sure whose pack it is: `--key 64HEXDIGITS`.
"""
# ruff: noqa: T201 (a program of its own, which prints)

import csv
import hashlib
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

# Ed25519 as in RFC 8032, section 6: verification only
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def add(a: Point, b: Point) -> Point:
    one, two = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    three, four = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = two - one, four - three, four + three, two + one
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def x_of(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def point_of(encoded: bytes) -> Point | None:
    number = int.from_bytes(encoded, "little")
    y = number & ((1 << 255) - 1)
    x = x_of(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    if len(public_key) != 32 or len(signature) != 64:
        return False
    a, r = point_of(public_key), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    y = 4 * pow(5, P - 2, P) % P
    x = x_of(y, 0) or 0
    left = times(s, (x, y, 1, x * y % P))
    right = add(r, times(int.from_bytes(digest, "little") % Q, a))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % P == 0


def prove_files(folder: Path, key: str | None) -> None:
    manifest = (folder / "manifest.json").read_bytes()
    told = json.loads(manifest)
    public_key, signature = told["public_key"], (folder / "manifest.sig").read_text()
    if not is_signed(bytes.fromhex(public_key), manifest, bytes.fromhex(signature.strip())):
        raise ValueError("manifest.json: not what was signed")
    if key is not None and key.lower() != public_key:
        raise ValueError(f"signed with {public_key}, not with the key that you named")
    for name, digest in told["files"].items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
            raise ValueError(f"{name}: not the file that was signed")
    print(f"files: as signed with {public_key}")


def parts(folder: Path) -> tuple[int, int, int]:
    """Transfers, unlocks and rewards, in motes."""
    told = json.loads((folder / "supply.json").read_text(encoding="utf-8"))
    with (folder / "eras.csv").open(encoding="utf-8", newline="") as lines:
        eras = {int(row["era_id"]): row for row in csv.DictReader(lines)}
    with (folder / "schedule.csv").open(encoding="utf-8", newline="") as lines:
        schedule = [
            (datetime.fromisoformat(row["date"]), int(row["amount"]))
            for row in csv.DictReader(lines)
        ]
    with (folder / "transfers.jsonl").open(encoding="utf-8") as lines:
        transfers = sum(int(json.loads(line)["amount"]) for line in lines)
    ends_at = datetime.fromisoformat(eras[told["era_id"]]["ends_at"])
    unlocks = sum(amount for date, amount in schedule if date <= ends_at)
    return transfers, unlocks, rewards(told, eras, unlocks)


def rewards(told: dict[str, Any], eras: dict[int, dict[str, str]], unlocks: int) -> int:
    era_id, network = told["era_id"], told["network"]
    issued = 0
    for treasury in network["treasuries"]:
        era, amount = treasury["era"], int(treasury["amount"])
        if era <= era_id and era in eras and era - 1 in eras:
            rise = int(eras[era]["total_supply"]) - int(eras[era - 1]["total_supply"])
            issued += amount if 10 * rise >= 9 * amount else 0
    found = int(eras[era_id]["total_supply"]) - int(network["genesis_supply"]) - issued
    if era_id >= network["rewards_released_from_era"]:
        return found
    weight = int(network["genesis_validators_weight"])
    return (2 * found * unlocks + weight) // (2 * weight)


def main(arguments: list[str]) -> int:
    folder = Path(__file__).parent
    key = arguments[1] if arguments[:1] == ["--key"] and len(arguments) > 1 else None
    try:
        prove_files(folder, key)
        found = parts(folder)
        told = json.loads((folder / "supply.json").read_text(encoding="utf-8"))
        published = [int(told[name]) for name in ("transfers", "unlocks", "rewards")]
        if published != list(found):
            raise ValueError(f"published were {published}, recomputed are {list(found)}")
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        print(f"NOT PROVEN: {error}")
        return 1
    for name, amount in zip(("transfers", "unlocks", "rewards"), found):  # noqa: B905 (3.9)
        print(f"{name}: {amount} motes")
    print(f"circulating supply of era {told['era_id']}: {sum(found)} motes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
