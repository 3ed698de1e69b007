"""`chain_get_block_transfers` → transfer records, in every layout that nodes use."""

import msgspec

from crawler.parse.fields import (
    U64,
    AccountKey,
    Digits,
    Hash,
    OneOf,
    Result,
    TaggedHash,
    URef,
    bare_account_hash,
    motes,
    reads,
    u64,
)
from crawler.parse.parties import AccountAddress
from crawler.parse.records import BlockTransfers, TransferRecord

_Party = AccountKey | AccountAddress


class _Transfer(msgspec.Struct, kw_only=True):
    sender: _Party = msgspec.field(name="from")
    to: _Party | None = None
    source: URef
    target: URef
    amount: Digits
    id: U64 | None = None


class _TransferV1(_Transfer, kw_only=True):
    deploy_hash: Hash


class _TransferV2(_Transfer, kw_only=True):
    transaction_hash: TaggedHash


class _VersionedTransfer(OneOf, rename="pascal"):
    version1: _TransferV1 | None = None
    version2: _TransferV2 | None = None


class _Layout(msgspec.Struct):
    """Tells bare transfers, as 1.x nodes write them, from versioned ones."""

    block_hash: Hash | None
    transfers: list[dict[str, msgspec.Raw]] | None


class _Bare(msgspec.Struct):
    transfers: list[_TransferV1]


class _Versioned(msgspec.Struct):
    transfers: list[_VersionedTransfer]


_layout_decoder = msgspec.json.Decoder(_Layout)
_bare_decoder = msgspec.json.Decoder(_Bare)
_versioned_decoder = msgspec.json.Decoder(_Versioned)


@reads("chain_get_block_transfers")
def parse_transfers(result: Result) -> BlockTransfers | None:
    """Every transfer of a block, native or not, with the hash of the block they belong to.

    None if the node lacks the block. Source: casper-types `TransferV1`, `TransferV2`.
    """
    layout = _layout_decoder.decode(result)
    if layout.block_hash is None or layout.transfers is None:
        return None
    transfers = _transfers(result, bare=any("deploy_hash" in item for item in layout.transfers))
    return BlockTransfers(layout.block_hash.lower(), tuple(map(_record, transfers)))


def _transfers(result: Result, *, bare: bool) -> list[_TransferV1 | _TransferV2]:
    if bare:
        return list(_bare_decoder.decode(result).transfers)
    return [item.content() for item in _versioned_decoder.decode(result).transfers]


def _record(transfer: _TransferV1 | _TransferV2) -> TransferRecord:
    from_account_hash, from_public_key = _resolve(transfer.sender)
    to_account_hash, to_public_key = (None, None) if transfer.to is None else _resolve(transfer.to)
    return TransferRecord(
        transaction_hash=_transaction_hash(transfer).lower(),
        from_account_hash=from_account_hash,
        from_public_key=from_public_key,
        to_account_hash=to_account_hash,
        to_public_key=to_public_key,
        source=transfer.source.lower(),
        target=transfer.target.lower(),
        amount=motes(transfer.amount),
        transfer_id=None if transfer.id is None else u64(transfer.id),
    )


def _transaction_hash(transfer: _TransferV1 | _TransferV2) -> str:
    if isinstance(transfer, _TransferV1):
        return transfer.deploy_hash
    return next(iter(transfer.transaction_hash.values()))


def _resolve(party: str | AccountAddress) -> tuple[str, str | None]:
    return (bare_account_hash(party), None) if isinstance(party, str) else party.resolve()
