"""Transfers as nodes list them: bare (1.x), or wrapped by version (2.x)."""

import hashlib

from crawler.sandbox.answers.blocks import transaction_hash
from crawler.sandbox.answers.clvalue import Json, written_uref
from crawler.sandbox.block import Block, Transaction, Transfer


def bare_transfer(transaction: Transaction, transfer: Transfer) -> Json:
    """The 1.x form."""
    return {
        "deploy_hash": transaction.hash.hex(),
        "from": f"account-hash-{transfer.sender.account_hash}",
        **_fields(transfer),
    }


def wrapped_transfer(block: Block, transaction: Transaction, transfer: Transfer) -> Json:
    """The form of a 2.x node; a 1.x block's transfers keep the form of their time."""
    if not block.header.is_v2:
        return {"Version1": bare_transfer(transaction, transfer)}
    fields = {
        "transaction_hash": transaction_hash(transaction),
        "from": _sender(transaction, transfer),
        **_fields(transfer),
    }
    return {"Version2": fields}


def transfer_address(transaction: Transaction, place: int) -> str:
    """The digest that names a transfer in 1.x state."""
    return hashlib.blake2b(transaction.hash + bytes((place,)), digest_size=32).hexdigest()


def _fields(transfer: Transfer) -> Json:
    to = transfer.to_account_hash
    return {
        "to": f"account-hash-{to}" if to else None,
        "source": written_uref(transfer.source),
        "target": written_uref(transfer.target),
        "amount": str(transfer.amount),
        "gas": "0",
        "id": transfer.transfer_id,
    }


def _sender(transaction: Transaction, transfer: Transfer) -> Json:
    # Nodes mostly name the account hash, but a public key is a valid sender too.
    if transaction.hash[0] < 32 and not transaction.request.form.by_account_hash:
        return {"PublicKey": transfer.sender.public_key}
    return {"AccountHash": f"account-hash-{transfer.sender.account_hash}"}
