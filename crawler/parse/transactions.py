"""`info_get_deploy` and `info_get_transaction` → transaction records, in every layout."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec

from crawler.parse.clvalue import CLValue, read_public_key
from crawler.parse.execution import Executed, Outcome, outcome
from crawler.parse.fields import (
    Hash,
    OneOf,
    PublicKey,
    Result,
    Timestamp,
    reads,
    utc_milliseconds,
)
from crawler.parse.keys import account_hash
from crawler.parse.parties import AccountAddress
from crawler.parse.records import TransactionRecord
from crawler.parse.staking import (
    AUCTION_NAME,
    NATIVE_ENTRY_POINTS,
    Call,
    CallTarget,
    staking_operation,
)

_Arguments = list[tuple[str, CLValue]]


class _Run(msgspec.Struct):
    args: _Arguments


class _RunByHash(_Run):
    hash: Hash
    entry_point: str


class _RunByName(_Run):
    name: str
    entry_point: str


class _Session(OneOf, rename="pascal"):
    """Casper's `ExecutableDeployItem`."""

    module_bytes: _Run | None = None
    stored_contract_by_hash: _RunByHash | None = None
    stored_contract_by_name: _RunByName | None = None
    stored_versioned_contract_by_hash: _Run | None = None
    stored_versioned_contract_by_name: _Run | None = None
    transfer: _Run | None = None


class _DeployHeader(msgspec.Struct):
    account: PublicKey
    timestamp: Timestamp


class _Deploy(msgspec.Struct):
    hash: Hash
    header: _DeployHeader
    session: _Session


class _NamedArguments(OneOf, rename="pascal"):
    named: _Arguments | None = None
    bytesrepr: str | None = None


class _StoredId(OneOf, rename="pascal"):
    by_hash: Hash | None = None
    by_name: str | None = None
    by_package_hash: dict[str, Any] | None = None
    by_package_name: dict[str, Any] | None = None


class _Stored(msgspec.Struct):
    id: _StoredId


class _SessionTarget(msgspec.Struct):
    """Wasm; its bytes are not needed."""


class _Target(OneOf, rename="pascal"):
    stored: _Stored | None = None
    session: _SessionTarget | None = None


class _Custom(msgspec.Struct, rename="pascal"):
    custom: str


class _Fields(msgspec.Struct):
    args: _NamedArguments
    target: Literal["Native"] | _Target
    entry_point: str | _Custom


class _Payload(msgspec.Struct):
    initiator_addr: AccountAddress
    timestamp: Timestamp
    fields: _Fields


class _TransactionV1(msgspec.Struct):
    hash: Hash
    payload: _Payload


class _Transaction(OneOf, rename="pascal"):
    deploy: _Deploy | None = None
    version1: _TransactionV1 | None = None


class _Answer(Executed):
    deploy: _Deploy | None = None
    transaction: _Transaction | None = None


_decoder = msgspec.json.Decoder(_Answer)


@dataclass(frozen=True, slots=True)
class _Submission:
    hash: str
    account_hash: str
    public_key: str | None
    timestamp: datetime
    call: Call
    burn: bool = False


@reads("info_get_transaction")
def parse_transaction(
    result: Result, *, auction_contract: str, block_hash: str | None = None
) -> TransactionRecord | None:
    """One deploy or transaction with how it ended; None if it was not executed yet: ask again.

    `auction_contract` is its hash, with or without `hash-`. `block_hash` chooses among several
    execution results; a lone one is taken whatever its block. `public_keys` are those among the
    arguments, less the initiator's. Source: casper-types `Deploy`, `TransactionV1`,
    `ExecutionResultV1`, `ExecutionResultV2`.
    """
    answer = _decoder.decode(result)
    ended = outcome(answer, block_hash)
    submission = _submission(answer, auction_contract.removeprefix("hash-").lower())
    return None if ended is None else _record(submission, ended)


def _record(submission: _Submission, ended: Outcome) -> TransactionRecord:
    shown = map(read_public_key, submission.call.arguments.values())
    return TransactionRecord(
        hash=submission.hash.lower(),
        block_hash=ended.block_hash,
        initiator_public_key=submission.public_key,
        initiator_account_hash=submission.account_hash,
        submitted_at=utc_milliseconds(submission.timestamp),
        success=ended.success,
        transfers=ended.transfers,
        burn=submission.burn,
        staking=staking_operation(submission.call, ended),
        public_keys=tuple(
            dict.fromkeys(key for key in shown if key and key != submission.public_key)
        ),
    )


def _submission(answer: _Answer, auction_contract: str) -> _Submission:
    sent = answer.deploy or (answer.transaction and answer.transaction.content())
    if isinstance(sent, _Deploy):
        return _deploy(sent, auction_contract)
    if isinstance(sent, _TransactionV1):
        return _transaction(sent, auction_contract)
    raise ValueError("expected `deploy` or `transaction`")


def _deploy(deploy: _Deploy, auction_contract: str) -> _Submission:
    public_key = deploy.header.account.lower()
    return _Submission(
        hash=deploy.hash,
        account_hash=account_hash(public_key),
        public_key=public_key,
        timestamp=deploy.header.timestamp,
        call=_session_call(deploy.session, auction_contract),
    )


def _session_call(session: _Session, auction_contract: str) -> Call:
    run: _Run = session.content()
    arguments = _by_name(run.args)
    if session.module_bytes is not None:
        return Call("module_bytes", "call", arguments)
    if isinstance(run, _RunByHash) and run.hash.lower() == auction_contract:
        return Call("auction", run.entry_point, arguments)
    if isinstance(run, _RunByName) and run.name == AUCTION_NAME:
        return Call("auction_name", run.entry_point, arguments)
    return Call("other", "", arguments)


def _transaction(transaction: _TransactionV1, auction_contract: str) -> _Submission:
    payload = transaction.payload
    initiator, public_key = payload.initiator_addr.resolve()
    return _Submission(
        hash=transaction.hash,
        account_hash=initiator,
        public_key=public_key,
        timestamp=payload.timestamp,
        call=_fields_call(payload.fields, auction_contract),
        burn=payload.fields.target == "Native" and payload.fields.entry_point == "Burn",
    )


def _fields_call(fields: _Fields, auction_contract: str) -> Call:
    arguments = _by_name(fields.args.named or [])
    if isinstance(fields.entry_point, _Custom):
        entry_point = fields.entry_point.custom
    else:
        entry_point = NATIVE_ENTRY_POINTS.get(fields.entry_point, "")
    return Call(_target(fields.target, auction_contract), entry_point, arguments)


def _target(target: Literal["Native"] | _Target, auction_contract: str) -> CallTarget:
    if target == "Native":
        return "auction"
    if target.stored is None:
        return "module_bytes"
    if (target.stored.id.by_hash or "").lower() == auction_contract:
        return "auction"
    return "auction_name" if target.stored.id.by_name == AUCTION_NAME else "other"


def _by_name(arguments: _Arguments) -> dict[str, CLValue]:
    """A contract that asks for a name gets the first argument of that name."""
    named: dict[str, CLValue] = {}
    for name, value in arguments:
        named.setdefault(name, value)
    return named
