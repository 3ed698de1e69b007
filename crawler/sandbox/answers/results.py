"""Execution results with their effects, in 1.x and 2.x form."""

from crawler.sandbox import network
from crawler.sandbox.accounts import SYSTEM_ACCOUNT_HASH, account_hash
from crawler.sandbox.answers import clvalue, stakes
from crawler.sandbox.answers.clvalue import Json, written_uref
from crawler.sandbox.answers.transactions import initiator
from crawler.sandbox.answers.transfers import bare_transfer, transfer_address, wrapped_transfer
from crawler.sandbox.block import Block, Request, Transaction
from crawler.sandbox.chain import Chain
from crawler.sandbox.execution import delegator
from crawler.sandbox.parameters import number

_READ_KEYS = (
    f"account-hash-{SYSTEM_ACCOUNT_HASH}",
    f"hash-{network.MINT_CONTRACT}",
    f"hash-{network.AUCTION_CONTRACT}",
    f"hash-{network.OTHER_CONTRACT}",
)
_UNBONDINGS_FROM = (1, 5, 0)
_UNBOND_BIDS_FROM = (2, 0, 4)
"""Until then 2.x writes unbonding purses, as 1.5 did; afterwards bids of the kind Unbond."""


def result_v1(chain: Chain, block: Block, transaction: Transaction) -> Json:
    """`Success` or `Failure` with transforms."""
    addresses = [
        f"transfer-{transfer_address(transaction, place)}"
        for place in range(len(transaction.transfers))
    ]
    transforms: list[Json] = [{"key": key, "transform": "Identity"} for key in _READ_KEYS]
    transforms += _payment_transforms(chain, block, transaction)
    for address, transfer in zip(addresses, transaction.transfers, strict=True):
        written = bare_transfer(transaction, transfer)
        transforms.append({"key": address, "transform": {"WriteTransfer": written}})
    if transaction.error is None:
        transforms += _staking_transforms(chain, block, transaction.request)
    transforms.append(_deploy_info(transaction, addresses))
    result = {
        "effect": {"operations": [], "transforms": transforms},
        "transfers": addresses,
        "cost": str(transaction.cost),
    }
    if transaction.error is None:
        return {"Success": result}
    return {"Failure": {**result, "error_message": transaction.error}}


def result_v2(chain: Chain, block: Block, transaction: Transaction) -> Json:
    """One flat object; `error_message` null means success."""
    effects: list[Json] = [{"key": key, "kind": "Identity"} for key in _READ_KEYS]
    balance = clvalue.u512(_balance(chain, block, transaction))
    effects.append(
        {
            "key": f"balance-{transaction.request.initiator.purse}",
            "kind": {"Write": {"CLValue": balance}},
        }
    )
    effects += [
        {"key": f"balance-{each.target}", "kind": {"AddUInt512": str(each.amount)}}
        for each in transaction.transfers
    ]
    if transaction.error is None:
        effects += _staking_effects(chain, block, transaction.request)
    return {
        "initiator": initiator(transaction.request),
        "error_message": transaction.error,
        "current_price": 1,
        "limit": str(transaction.cost),
        "consumed": str(transaction.cost),
        "cost": str(transaction.cost),
        "refund": "0",
        "transfers": [wrapped_transfer(block, transaction, each) for each in transaction.transfers],
        "size_estimate": 400,
        "effects": effects,
    }


def _payment_transforms(chain: Chain, block: Block, transaction: Transaction) -> list[Json]:
    balance = clvalue.u512(_balance(chain, block, transaction))
    key = f"balance-{transaction.request.initiator.purse}"
    return [
        {"key": key, "transform": {"WriteCLValue": balance}},
        *(
            {"key": f"balance-{each.target}", "transform": {"AddUInt512": str(each.amount)}}
            for each in transaction.transfers
        ),
    ]


def _balance(chain: Chain, block: Block, transaction: Transaction) -> int:
    return chain.ledger.balances.at(transaction.request.initiator.purse, block.height) or 0


def _deploy_info(transaction: Transaction, addresses: list[str]) -> Json:
    sender = transaction.request.initiator
    info = {
        "deploy_hash": transaction.hash.hex(),
        "transfers": addresses,
        "from": f"account-hash-{sender.account_hash}",
        "source": written_uref(sender.purse),
        "gas": str(transaction.cost),
    }
    return {"key": f"deploy-{transaction.hash.hex()}", "transform": {"WriteDeployInfo": info}}


def _staking_transforms(chain: Chain, block: Block, request: Request) -> list[Json]:
    if not request.form.is_staking:
        return []
    validator = _validator(request)
    key = account_hash(validator)
    bid = stakes.bid_with_delegators(chain, validator, block.height)
    written = [{"key": f"bid-{key}", "transform": {"WriteBid": bid}}]
    if request.form.action in ("add_bid", "delegate"):
        return written
    if number(block.header.protocol_version) < _UNBONDINGS_FROM:
        purses = stakes.withdraws(chain, validator, _unbonder(request), block.height)
        return [{"key": f"withdraw-{key}", "transform": {"WriteWithdraw": purses}}, *written]
    purses = stakes.unbondings(chain, validator, _unbonder(request), block.height)
    return [{"key": f"unbond-{key}", "transform": {"WriteUnbonding": purses}}, *written]


def _staking_effects(chain: Chain, block: Block, request: Request) -> list[Json]:
    if not request.form.is_staking:
        return []
    validator = _validator(request)
    key = account_hash(validator)
    if request.form.action == "add_bid":
        bid = stakes.validator_bid(chain, validator, block.height)
        return [_written(f"bid-addr-01{key}", {"BidKind": bid})]
    who = _unbonder(request)
    if request.form.action == "delegate":
        bid = stakes.delegator_bid(chain, validator, who, block.height)
        return [_written(f"bid-addr-02{key}", {"BidKind": bid})]
    if number(block.header.protocol_version) < _UNBOND_BIDS_FROM:
        purses = stakes.unbondings(chain, validator, who, block.height)
        return [_written(f"unbond-{key}", {"Unbonding": purses})]
    bid = stakes.unbond_bid(chain, validator, who, block.height)
    return [_written(f"bid-addr-06{key}", {"BidKind": bid})]


def _written(key: str, value: Json) -> Json:
    return {"key": key, "kind": {"Write": value}}


def _validator(request: Request) -> str:
    if request.form.action in ("add_bid", "withdraw_bid"):
        return request.initiator.public_key
    return request.counterparty.public_key


def _unbonder(request: Request) -> str:
    if request.form.action in ("add_bid", "withdraw_bid"):
        return request.initiator.public_key
    return delegator(request)
