"""Values in global state that a query can name, as of a block."""

from collections.abc import Iterator

from crawler.sandbox import encoding, network
from crawler.sandbox.accounts import Account, account_hash
from crawler.sandbox.answers import clvalue
from crawler.sandbox.answers.clvalue import Json, written_uref
from crawler.sandbox.chain import Chain

REGISTRY_KEY = "system-contract-registry-" + "0" * 64
_WASM_HASH = "contract-wasm-" + "0" * 64


def stored_value(chain: Chain, key: str, height: int) -> Json | None:
    """What stands at a key after a block; None if nothing does."""
    if key.startswith("uref-"):
        return _uref(chain, key, height)
    if key.startswith("account-hash-"):
        found = known_account(key.removeprefix("account-hash-"))
        return {"Account": _account(found)} if found else None
    if key == REGISTRY_KEY:
        return {"CLValue": _registry()}
    contracts = {
        f"hash-{network.MINT_CONTRACT}": {"total_supply": network.TOTAL_SUPPLY_UREF},
        f"hash-{network.AUCTION_CONTRACT}": {},
    }
    return {"Contract": _contract(contracts[key])} if key in contracts else None


def known_account(wanted: str) -> Account | None:
    """The account of an account hash or a public key."""
    if len(wanted) > 64:
        wanted = account_hash(wanted)
    return _ACCOUNTS.get(wanted)


def _uref(chain: Chain, key: str, height: int) -> Json | None:
    # The access rights at the end do not tell one URef from another.
    address = key[: len("uref-") + 64]
    if address == network.TOTAL_SUPPLY_UREF[: len(address)]:
        return {"CLValue": clvalue.u512(chain.blocks[height].total_supply)}
    if chain.ledger.balances.at(address.removeprefix("uref-"), height) is None:
        return None
    return {"CLValue": {"cl_type": "Unit", "bytes": "", "parsed": None}}


def _account(account: Account) -> Json:
    written = f"account-hash-{account.account_hash}"
    return {
        "account_hash": written,
        "named_keys": [],
        "main_purse": written_uref(account.purse),
        "associated_keys": [{"account_hash": written, "weight": 1}],
        "action_thresholds": {"deployment": 1, "key_management": 1},
    }


def _contract(named_keys: dict[str, str]) -> Json:
    return {
        "contract_package_hash": "contract-package-" + "0" * 64,
        "contract_wasm_hash": _WASM_HASH,
        "named_keys": [{"name": name, "key": key} for name, key in named_keys.items()],
        "entry_points": [],
        "protocol_version": "1.0.0",
    }


def _registry() -> Json:
    contracts = {"auction": network.AUCTION_CONTRACT, "mint": network.MINT_CONTRACT}
    entries = [
        encoding.u32(len(name)) + name.encode() + bytes.fromhex(digest)
        for name, digest in contracts.items()
    ]
    return {
        "cl_type": {"Map": {"key": "String", "value": {"ByteArray": 32}}},
        "bytes": encoding.vector(entries).hex(),
        "parsed": [{"key": name, "value": digest} for name, digest in contracts.items()],
    }


def _every_account() -> Iterator[Account]:
    for entry in network.genesis_accounts():
        yield entry.account


_ACCOUNTS = {account.account_hash: account for account in _every_account()}
