"""The JSON-RPC methods: a view and parameters in, a result out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crawler.sandbox.answers import blocks, eras, results, stakes, state, status
from crawler.sandbox.answers.clvalue import Json
from crawler.sandbox.answers.eras import MERKLE_PROOF
from crawler.sandbox.answers.transactions import deploy, transaction_v1
from crawler.sandbox.answers.transfers import bare_transfer, wrapped_transfer
from crawler.sandbox.block import Block, Transaction
from crawler.sandbox.errors import (
    BAD_QUERY_KEY,
    METHOD_NOT_FOUND,
    NO_SUCH_DEPLOY,
    NO_SUCH_TRANSACTION,
    PURSE_NOT_FOUND,
    VALUE_NOT_FOUND,
    WRONG_KIND,
    RpcError,
    invalid_params,
)
from crawler.sandbox.view import Params, View

Found = tuple[Json, Block | None]
"""A result without `api_version`, and the block that it tells of, if it tells of one."""


@dataclass(frozen=True, slots=True)
class Method:
    call: Callable[[View, Params], Found]
    names: tuple[str, ...] = ()
    """Names of the parameters, in the order that a list of them has."""
    since_v2: bool = False
    """1.x nodes do not know it."""


def call_method(view: View, method: str, params: Any) -> Found:
    """Answer one call. Raises RpcError."""
    known = METHODS.get(method)
    if known is None or (known.since_v2 and not view.is_v2):
        raise RpcError(METHOD_NOT_FOUND, "Method not found", f"'{method}' is not supported")
    return known.call(view, _named(known, params))


def _named(method: Method, params: Any) -> Params:
    if params is None:
        return {}
    if isinstance(params, dict):
        return params
    if isinstance(params, list) and len(params) <= len(method.names):
        return dict(zip(method.names, params, strict=False))
    raise invalid_params("Failed to parse 'params' field")


def _chain_get_block(view: View, params: Params) -> Found:
    block = view.block(params)
    if view.null_block:
        return {"block_with_signatures" if view.is_v2 else "block": None}, None
    proofs = blocks.proofs(view.chain, block)
    if view.is_v2:
        signed = {"block": blocks.wrapped_block(block), "proofs": proofs}
        return {"block_with_signatures": signed}, block
    return {"block": {**blocks.bare_block(block), "proofs": proofs}}, block


def _chain_get_block_transfers(view: View, params: Params) -> Found:
    block = view.block(params)
    if view.is_v2:
        listed = [wrapped_transfer(block, *each) for each in block.transfers()]
    else:
        listed = [bare_transfer(*each) for each in block.transfers()]
    return {"block_hash": block.hash.hex(), "transfers": listed}, block


def _chain_get_state_root_hash(view: View, params: Params) -> Found:
    block = view.block(params)
    return {"state_root_hash": block.header.state_root_hash.hex()}, block


def _chain_get_era_info_by_switch_block(view: View, params: Params) -> Found:
    block = view.block(params)
    return {"era_summary": eras.era_summary(view.chain, block) if block.is_switch else None}, block


def _chain_get_era_summary(view: View, params: Params) -> Found:
    block = view.block(params)
    ended = view.chain.last_switch_block(block)
    return {"era_summary": eras.era_summary(view.chain, ended)}, ended


def _info_get_deploy(view: View, params: Params) -> Found:
    found = view.transaction(params.get("deploy_hash"))
    if found is None:
        raise RpcError(NO_SUCH_DEPLOY, "No such deploy", f"{params.get('deploy_hash')}")
    block, transaction = found
    if not transaction.is_deploy:
        raise RpcError(WRONG_KIND, "Found a transaction, not a deploy")
    written = deploy(transaction, view.chain.parameters.chain_name)
    return {"deploy": written, **_execution(view, block, transaction)}, block


def _info_get_transaction(view: View, params: Params) -> Found:
    match params.get("transaction_hash"):
        case {"Deploy": wanted}:
            kind = "Deploy"
        case {"Version1": wanted}:
            kind = "Version1"
        case _:
            raise invalid_params("transaction_hash must be a Deploy or a Version1")
    found = view.transaction(wanted)
    if found is None:
        raise RpcError(NO_SUCH_TRANSACTION, "No such transaction", f"{wanted}")
    block, transaction = found
    if transaction.is_deploy != (kind == "Deploy"):
        raise RpcError(WRONG_KIND, "The transaction is of the other kind")
    write = deploy if transaction.is_deploy else transaction_v1
    written = write(transaction, view.chain.parameters.chain_name)
    return {"transaction": {kind: written}, **_execution(view, block, transaction)}, block


def _execution(view: View, block: Block, transaction: Transaction) -> Json:
    block_hash = block.hash.hex()
    if not view.is_v2:
        if view.missing_results:
            return {"execution_results": []}
        result = results.result_v1(view.chain, block, transaction)
        return {"execution_results": [{"block_hash": block_hash, "result": result}]}
    executed: Json | None = None
    if not view.missing_results and block.header.is_v2:
        executed = {"Version2": results.result_v2(view.chain, block, transaction)}
    elif not view.missing_results:
        executed = {"Version1": results.result_v1(view.chain, block, transaction)}
    return {
        "execution_info": {
            "block_hash": block_hash,
            "block_height": block.height,
            "execution_result": executed,
        }
    }


def _query_global_state(view: View, params: Params) -> Found:
    height = view.state_height(params)
    identifier = params.get("state_identifier") or {}
    header = view.chain.blocks[height].header
    shown = None
    if "StateRootHash" not in identifier:
        shown = blocks.wrapped_header(header) if view.is_v2 else blocks.bare_header(header)
    return {"block_header": shown, **_stored(view, params, height)}, None


def _state_get_item(view: View, params: Params) -> Found:
    return _stored(view, params, view.root_height(params.get("state_root_hash"))), None


def _stored(view: View, params: Params, height: int) -> Json:
    key = params.get("key")
    if not isinstance(key, str) or "-" not in key:
        raise RpcError(BAD_QUERY_KEY, "Invalid query key", f"{key}")
    value = None if params.get("path") else state.stored_value(view.chain, key, height)
    if value is None:
        raise RpcError(VALUE_NOT_FOUND, "Value not found", f"no value at {key}")
    return {"stored_value": value, "merkle_proof": MERKLE_PROOF}


def _query_balance(view: View, params: Params) -> Found:
    return {"balance": str(_balance(view, params))}, None


def _query_balance_details(view: View, params: Params) -> Found:
    balance = str(_balance(view, params))
    return {
        "total_balance": balance,
        "available_balance": balance,
        "total_balance_proof": MERKLE_PROOF,
        "holds": [],
    }, None


def _balance(view: View, params: Params) -> int:
    purse = _purse(params.get("purse_identifier"))
    balance = view.chain.ledger.balances.at(purse, view.state_height(params))
    if balance is None:
        raise RpcError(PURSE_NOT_FOUND, "Purse not found", f"{params.get('purse_identifier')}")
    return balance


def _purse(identifier: Any) -> str:
    match identifier:
        case {"purse_uref": str(uref)}:
            return uref.removeprefix("uref-")[:64]
        case {"main_purse_under_public_key": str(wanted)}:
            account = state.known_account(wanted)
        case {"main_purse_under_account_hash": str(wanted)}:
            account = state.known_account(wanted.removeprefix("account-hash-"))
        case _:
            raise invalid_params("purse_identifier names no purse")
    if account is None:
        raise RpcError(PURSE_NOT_FOUND, "Purse not found", wanted)
    return account.purse


def _state_get_balance(view: View, params: Params) -> Found:
    height = view.root_height(params.get("state_root_hash"))
    purse = _purse({"purse_uref": params.get("purse_uref")})
    balance = view.chain.ledger.balances.at(purse, height)
    if balance is None:
        raise RpcError(VALUE_NOT_FOUND, "Value not found", f"{params.get('purse_uref')}")
    return {"balance_value": str(balance), "merkle_proof": MERKLE_PROOF}, None


def _state_get_auction_info(view: View, params: Params) -> Found:
    height = view.block(params).height
    return {"auction_state": stakes.auction_state(view.chain, height, flat=False)}, None


def _state_get_auction_info_v2(view: View, params: Params) -> Found:
    height = view.block(params).height
    return {"auction_state": stakes.auction_state(view.chain, height, flat=True)}, None


def _info_get_status(view: View, _params: Params) -> Found:
    return status.status(view.chain, view.head, view.low, is_v2=view.is_v2), None


def _info_get_peers(_view: View, _params: Params) -> Found:
    return {"peers": status.peers()}, None


def _info_get_validator_changes(view: View, _params: Params) -> Found:
    return {"changes": status.validator_changes(view.chain, view.head)}, None


_BLOCK = ("block_identifier",)
METHODS = {
    "info_get_status": Method(_info_get_status),
    "info_get_peers": Method(_info_get_peers),
    "info_get_validator_changes": Method(_info_get_validator_changes),
    "chain_get_block": Method(_chain_get_block, _BLOCK),
    "chain_get_block_transfers": Method(_chain_get_block_transfers, _BLOCK),
    "chain_get_state_root_hash": Method(_chain_get_state_root_hash, _BLOCK),
    "chain_get_era_info_by_switch_block": Method(_chain_get_era_info_by_switch_block, _BLOCK),
    "chain_get_era_summary": Method(_chain_get_era_summary, _BLOCK),
    "info_get_deploy": Method(_info_get_deploy, ("deploy_hash", "finalized_approvals")),
    "info_get_transaction": Method(
        _info_get_transaction, ("transaction_hash", "finalized_approvals"), since_v2=True
    ),
    "query_global_state": Method(_query_global_state, ("state_identifier", "key", "path")),
    "state_get_item": Method(_state_get_item, ("state_root_hash", "key", "path")),
    "query_balance": Method(_query_balance, ("state_identifier", "purse_identifier")),
    "query_balance_details": Method(
        _query_balance_details, ("state_identifier", "purse_identifier"), since_v2=True
    ),
    "state_get_balance": Method(_state_get_balance, ("state_root_hash", "purse_uref")),
    "state_get_auction_info": Method(_state_get_auction_info, _BLOCK),
    "state_get_auction_info_v2": Method(_state_get_auction_info_v2, _BLOCK, since_v2=True),
}
