"""The evidence of an era's circulating supply: a signed zip that proves itself without us."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Row, select
from sqlalchemy.orm import aliased
from sqlmodel import Session

from casper_dash.decisions.errors import Refused
from casper_dash.keys import Keys
from crawler.derive.supply import (
    Decisions,
    EraTotals,
    Supply,
    approved_in,
    era_totals,
    schedule_of,
    stored_supplies,
    supplies_under,
)
from crawler.models.chain import TRANSFER, Transfer
from crawler.models.decisions import APPROVAL, PUBLICATION, Approval
from crawler.models.figures import DERIVE_STATE
from crawler.models.table import table_of
from crawler.network import Network

_SCRIPT = Path(__file__).with_name("recompute.py")
_PURPOSE = "evidence"
# the first date that a zip can hold: the same pack is the same bytes, whenever it is made
_EPOCH = (1980, 1, 1, 0, 0, 0)
_README = """The circulating supply of one era as one publication has it, and all it depends on.

Run `python -I recompute.py` in this folder: it proves the files and recomputes the figure. The key
in manifest.json is the publisher's; compare it with the one that he names elsewhere, or name it:
`python -I recompute.py --key 64HEXDIGITS`. manifest.sig is the Ed25519 signature of manifest.json.

supply.json      the figure, the publication, and the network's constants
eras.csv         the end and the total supply (motes) of the era and of every earlier one
schedule.csv     the unlock schedule, in motes
transfers.jsonl  every transfer that is counted, with who decided so, when and why
"""


def public_key(keys: Keys) -> str:
    """The key that packs are signed with, as 64 hex digits: to be named where readers look."""
    return _signer(keys).public_key().public_bytes_raw().hex()


def evidence_pack(
    session: Session, network: Network, keys: Keys, era_id: int, publication: int | None = None
) -> bytes:
    """The pack of an era, as the publication that readers see has it, or an earlier one.

    Raises Refused where that publication has no such era, or its figure no longer recomputes.
    Reads every era up to it, and the approvals with their transfers.
    """
    row = _publication(session, publication)
    figures = _figures(session, network, row.id, era_id)
    eras = [era for era in era_totals(session, 0) if era.id <= era_id]
    files = {
        "README.txt": _README.encode(),
        "supply.json": _json(_told(network, row, era_id, figures)),
        "eras.csv": _csv(("era_id", "ends_at", "total_supply"), map(_era, eras)),
        "schedule.csv": _csv(
            ("date", "amount"),
            ((date.isoformat(), amount) for date, amount in schedule_of(session, row.id)),
        ),
        "transfers.jsonl": b"".join(map(_json, _counted(session, row.id, era_id))),
        "recompute.py": _SCRIPT.read_bytes(),
    }
    return _zip(files | _signed(files, keys))


def _publication(session: Session, wanted: int | None) -> Row[Any]:
    seen = session.execute(select(DERIVE_STATE.publication)).scalar_one()
    number = seen if wanted is None else wanted
    row = session.execute(select(*PUBLICATION).where(PUBLICATION.id == number)).first()
    if row is None or row.id > seen:
        raise Refused(f"there is no publication {number}")
    return row


def _figures(session: Session, network: Network, publication: int, era_id: int) -> Supply:
    stored = stored_supplies(session, publication).get(era_id)
    if stored is None:
        raise Refused(f"publication {publication} has no era {era_id}")
    decisions = Decisions(schedule_of(session, publication), approved_in(session, publication))
    if dict(supplies_under(session, network, decisions)).get(era_id) != stored:
        raise Refused(f"era {era_id} of publication {publication} does not recompute any more")
    return stored


def _told(network: Network, row: Row[Any], era_id: int, supply: Supply) -> dict[str, Any]:
    return {
        "era_id": era_id,
        "circulating": str(supply.circulating),
        "transfers": str(supply.transfers),
        "unlocks": str(supply.unlocks),
        "rewards": str(supply.rewards),
        "publication": {
            "id": row.id,
            "published_at": row.published_at.isoformat(),
            "published_by": row.published_by,
            "confirmed_by": row.confirmed_by,
            "reason": row.note,
            "restores": row.restores,
        },
        "network": {
            "name": network.name,
            "genesis_time": network.genesis_time.isoformat(),
            "genesis_supply": str(network.genesis_supply),
            "genesis_validators_weight": str(network.genesis_validators_weight),
            "rewards_released_from_era": network.rewards_released_from_era,
            "treasuries": [
                {"era": each.era, "amount": str(each.amount), "purse": each.purse}
                for each in network.treasuries
            ],
        },
    }


def _era(era: EraTotals) -> tuple[int, str, int]:
    return era.id, era.ends_at.isoformat(), era.total_supply


def _counted(session: Session, publication: int, era_id: int) -> Iterator[dict[str, Any]]:
    """Transfers approved in eras up to this one as of a publication, by height and index."""
    later = aliased(table_of(Approval))
    overruled = select(later.c.height).where(
        *(later.c.height == APPROVAL.height, later.c.index == APPROVAL.index),
        *(later.c.publication > APPROVAL.publication, later.c.publication <= publication),
    )
    same = (TRANSFER.height == APPROVAL.height) & (TRANSFER.index == APPROVAL.index)
    question = (
        select(
            *(TRANSFER.height, TRANSFER.index, APPROVAL.era_id, TRANSFER.deploy_hash),
            *(TRANSFER.from_account_hash, TRANSFER.to_account_hash, TRANSFER.amount),
            *(APPROVAL.decided_by, APPROVAL.decided_at, APPROVAL.reason),
        )
        .join_from(table_of(Approval), table_of(Transfer), same)
        .where(APPROVAL.approved, APPROVAL.publication <= publication)
        .where(APPROVAL.era_id <= era_id, ~overruled.exists())
        .order_by(TRANSFER.height, TRANSFER.index)
    )
    for row in session.execute(question):
        at = row.decided_at
        shown = {"amount": str(row.amount), "decided_at": at and at.isoformat()}
        yield dict(row._mapping) | shown


def _signed(files: dict[str, bytes], keys: Keys) -> dict[str, bytes]:
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    told = {"algorithm": "Ed25519", "public_key": public_key(keys), "files": sums}
    manifest = _json(told)
    signature = _signer(keys).sign(manifest).hex()
    return {"manifest.json": manifest, "manifest.sig": f"{signature}\n".encode()}


def _signer(keys: Keys) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(keys.derive(_PURPOSE))


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _csv(header: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _zip(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as pack:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # of whatever machine: as Unix would
            entry.external_attr = 0o644 << 16
            pack.writestr(entry, content)
    return packed.getvalue()
