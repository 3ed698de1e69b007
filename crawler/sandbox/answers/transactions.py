"""Deploys and 2.x transactions as their senders wrote them."""

import hashlib

from crawler.sandbox import network
from crawler.sandbox.answers import blocks, clvalue
from crawler.sandbox.answers.clvalue import Json
from crawler.sandbox.block import Request, Transaction
from crawler.sandbox.encoding import u64
from crawler.sandbox.execution import delegator

Arguments = list[tuple[str, Json]]

_WASM = "0061736d01000000"
_CALLED_ENTRY_POINT = "transfer"


def deploy(transaction: Transaction, chain_name: str) -> Json:
    """The `deploy` of an `info_get_deploy` answer."""
    account = transaction.request.initiator.public_key
    payment = [("amount", clvalue.u512(transaction.cost))]
    return {
        "hash": transaction.hash.hex(),
        "header": {
            "account": account,
            "timestamp": blocks.timestamp(transaction.submitted_at_ms),
            "ttl": "30m",
            "gas_price": 1,
            "body_hash": hashlib.blake2b(transaction.hash, digest_size=32).hexdigest(),
            "dependencies": [],
            "chain_name": chain_name,
        },
        "payment": {"ModuleBytes": {"module_bytes": "", "args": payment}},
        "session": _session(transaction.request),
        "approvals": _approvals(transaction),
    }


def transaction_v1(transaction: Transaction, chain_name: str) -> Json:
    """The `transaction.Version1` of an `info_get_transaction` answer."""
    request = transaction.request
    fields = {
        "args": {"Named": arguments(request)},
        "entry_point": _entry_point(request),
        "scheduling": "Standard",
        "target": _target(request),
    }
    payload = {
        "initiator_addr": initiator(request),
        "timestamp": blocks.timestamp(transaction.submitted_at_ms),
        "ttl": "30m",
        "chain_name": chain_name,
        "pricing_mode": {
            "PaymentLimited": {
                "payment_amount": transaction.cost,
                "gas_price_tolerance": 1,
                "standard_payment": True,
            }
        },
        "fields": fields,
    }
    return {
        "hash": transaction.hash.hex(),
        "payload": payload,
        "approvals": _approvals(transaction),
    }


def initiator(request: Request) -> Json:
    """Who sent it, in 2.x form."""
    if request.form.by_account_hash:
        return {"AccountHash": f"account-hash-{request.initiator.account_hash}"}
    return {"PublicKey": request.initiator.public_key}


def arguments(request: Request) -> Arguments:
    """The named arguments, by what is asked for and how."""
    action = request.form.action
    if action == "transfer":
        return _transfer_arguments(request)
    if action == "burn":
        return [("amount", clvalue.u512(request.amount))]
    if action == "call":
        return _call_arguments(request)
    if action in ("add_bid", "withdraw_bid"):
        return _bid_arguments(request)
    if action in ("delegate", "undelegate", "redelegate"):
        return _delegation_arguments(request)
    return _auction_arguments(request)


def _transfer_arguments(request: Request) -> Arguments:
    amount = ("amount", clvalue.u512(request.amount))
    receiver = request.counterparty
    if request.form.through != "native":
        return [("recipient", clvalue.account_key(receiver.account_hash)), amount]
    transfer_id = ("id", clvalue.optional_u64(request.transfer_id))
    if request.purse:
        return [amount, ("target", clvalue.uref(request.purse)), transfer_id]
    if request.form.target == "public_key":
        return [amount, ("target", clvalue.public_key(receiver.public_key)), transfer_id]
    target = ("target", clvalue.byte_array(receiver.account_hash))
    if request.form.target == "account_hash_and_key":
        shown = ("targetAccountHex", clvalue.public_key(receiver.public_key))
        return [amount, target, transfer_id, shown]
    return [amount, target, transfer_id]


def _call_arguments(request: Request) -> Arguments:
    if request.form.through == "module_bytes":
        return [("name", clvalue.string("Sandbox token")), ("symbol", clvalue.string("SAND"))]
    recipient = clvalue.account_key(request.counterparty.account_hash)
    return [("recipient", recipient), ("amount", clvalue.u256(request.amount))]


def _bid_arguments(request: Request) -> Arguments:
    key = ("public_key", clvalue.public_key(request.initiator.public_key))
    amount = ("amount", clvalue.u512(request.amount))
    if request.form.action == "add_bid":
        return [key, ("delegation_rate", clvalue.u8(10)), amount]
    if request.purse:
        return [key, amount, ("unbond_purse", clvalue.optional_uref(request.purse))]
    return [key, amount]


def _delegation_arguments(request: Request) -> Arguments:
    who = delegator(request)
    if who == request.purse:
        named: Arguments = [("delegator_purse", clvalue.uref(who))]
    else:
        named = [("delegator", clvalue.public_key(who))]
    named += [
        ("validator", clvalue.public_key(request.counterparty.public_key)),
        ("amount", clvalue.u512(request.amount)),
    ]
    if request.new_validator:
        named.append(("new_validator", clvalue.public_key(request.new_validator.public_key)))
    return named


def _auction_arguments(request: Request) -> Arguments:
    own = request.initiator.public_key
    other = request.counterparty
    if request.form.action == "activate_bid":
        return [("validator", clvalue.public_key(other.public_key))]
    if request.form.action == "change_bid_public_key":
        return [
            ("public_key", clvalue.public_key(own)),
            ("new_public_key", clvalue.public_key(other.public_key)),
        ]
    kind = b"\x00" + bytes.fromhex(own)
    if request.form.action == "add_reservations":
        reservation = kind + bytes.fromhex(other.public_key) + b"\x0a"
        return [("reservations", clvalue.any_list([reservation]))]
    return [
        ("validator", clvalue.public_key(other.public_key)),
        ("delegators", clvalue.any_list([kind])),
    ]


def _session(request: Request) -> Json:
    args = arguments(request)
    through = request.form.through
    if through == "native":
        return {"Transfer": {"args": args}}
    if through == "module_bytes":
        return {"ModuleBytes": {"module_bytes": _WASM, "args": args}}
    entry_point = _called(request)
    if through == "by_name":
        called: Json = {"name": _contract_name(request), "entry_point": entry_point, "args": args}
        return {"StoredContractByName": called}
    if through == "versioned_by_hash":
        package: Json = {"hash": network.OTHER_CONTRACT, "version": None}
        called = {**package, "entry_point": entry_point, "args": args}
        return {"StoredVersionedContractByHash": called}
    called = {"hash": _contract_hash(request), "entry_point": entry_point, "args": args}
    return {"StoredContractByHash": called}


def _target(request: Request) -> Json | str:
    through = request.form.through
    if through == "native":
        return "Native"
    if through == "module_bytes":
        return {
            "Session": {
                "is_install_upgrade": False,
                "module_bytes": _WASM,
                "runtime": "VmCasperV1",
            }
        }
    if through == "by_name":
        identifier = {"ByName": _contract_name(request)}
    else:
        identifier = {"ByHash": _contract_hash(request)}
    return {"Stored": {"id": identifier, "runtime": "VmCasperV1"}}


def _entry_point(request: Request) -> Json | str:
    if request.form.through == "native":
        return "".join(word.capitalize() for word in request.form.action.split("_"))
    if request.form.through == "module_bytes":
        return "Call"
    return {"Custom": _called(request)}


def _called(request: Request) -> str:
    return request.form.action if _names_auction_action(request) else _CALLED_ENTRY_POINT


def _names_auction_action(request: Request) -> bool:
    return request.form.action not in ("call", "transfer")


def _contract_hash(request: Request) -> str:
    return network.AUCTION_CONTRACT if request.form.is_staking else network.OTHER_CONTRACT


def _contract_name(request: Request) -> str:
    return "auction" if request.form.is_staking else "token"


def _approvals(transaction: Transaction) -> list[Json]:
    key = transaction.request.initiator.public_key
    signed = transaction.hash + u64(transaction.submitted_at_ms)
    return [{"signer": key, "signature": blocks.signature(key, signed)}]
