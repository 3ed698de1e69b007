"""The sandbox network's constants and its accounts with a fixed role, the same for any seed."""

from dataclasses import dataclass
from datetime import UTC, datetime

from crawler.sandbox.accounts import Account, account, contract, purse

NAME = "casper-sandbox"
TITLE = "Sandbox network (invented data)"
CSPR = 1_000_000_000

GENESIS_TIME_MS = int(datetime(2026, 1, 1, 15, 0, 39, 552_000, tzinfo=UTC).timestamp() * 1000)
GENESIS_SUPPLY = 10_000_000_000 * CSPR
TOTAL_SUPPLY_UREF = f"uref-{purse('total supply')}-007"
AUCTION_CONTRACT = contract("auction")
MINT_CONTRACT = contract("mint")
OTHER_CONTRACT = contract("other")

VALIDATORS = tuple(account(f"validator {number}") for number in range(7))
DELEGATORS = tuple(account(f"delegator {number}") for number in range(21))
LOCKED = tuple(account(f"locked {number}") for number in range(5))
USERS = tuple(account(f"user {number}") for number in range(120))
CANDIDATES = tuple(account(f"candidate {number}") for number in range(3))
"""They bid for the first time after genesis."""

TREASURY_PURSE = purse("treasury")
TREASURY_AMOUNT = 4_763_091_162 * CSPR
IGNORED_TREASURY_AMOUNT = 1_000_000_000 * CSPR
SUSTAIN_PURSE = purse("sustain")

REWARDS_RELEASED_FROM_ERA = 30
UNLOCK_HOURS = tuple(range(24, 108, 6))
ERA_HOURS = 2
"""How long an era of the history takes, as on mainnet; live eras last as their blocks do."""


@dataclass(frozen=True, slots=True)
class GenesisAccount:
    """One account's genesis: a free balance, and a stake of its own or with a validator."""

    account: Account
    balance: int
    stake: int = 0
    validator: Account | None = None


def genesis_accounts() -> list[GenesisAccount]:
    """All genesis accounts; their balances and stakes add up to the genesis supply."""
    entries = [
        GenesisAccount(each, 250_000 * CSPR, (1_000_000 + 137_000 * number) * CSPR)
        for number, each in enumerate(VALIDATORS)
    ]
    entries += [
        GenesisAccount(each, 1_500_000 * CSPR, (150_000_000 + 1_700_003 * number) * CSPR + number,
                       VALIDATORS[number % len(VALIDATORS)])
        for number, each in enumerate(DELEGATORS)
    ]  # fmt: skip
    entries += [GenesisAccount(each, 2_000_000 * CSPR) for each in USERS]
    entries += [GenesisAccount(each, 3_000_000 * CSPR) for each in CANDIDATES]
    entries += [GenesisAccount(each, 800_000_000 * CSPR) for each in LOCKED[1:]]
    rest = GENESIS_SUPPLY - sum(entry.balance + entry.stake for entry in entries)
    return [*entries, GenesisAccount(LOCKED[0], rest)]


GENESIS_VALIDATORS_WEIGHT = sum(entry.stake for entry in genesis_accounts())


@dataclass(frozen=True, slots=True)
class Unlock:
    hours_after_genesis: int
    amount: int


@dataclass(frozen=True, slots=True)
class Treasury:
    era_id: int
    amount: int
    purse: str


def unlocks() -> tuple[Unlock, ...]:
    """The genesis validators' weight in equal steps, the last with the division's rest."""
    step = GENESIS_VALIDATORS_WEIGHT // len(UNLOCK_HOURS)
    last = GENESIS_VALIDATORS_WEIGHT - step * (len(UNLOCK_HOURS) - 1)
    amounts = [step] * (len(UNLOCK_HOURS) - 1) + [last]
    return tuple(Unlock(hours, amount) for hours, amount in zip(UNLOCK_HOURS, amounts, strict=True))
