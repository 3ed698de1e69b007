"""Stakes, unbonding and the rewards of each era."""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from crawler.sandbox.block import Allocation
from crawler.sandbox.history import Amounts
from crawler.sandbox.ledger import Ledger

Stakes = dict[str, dict[str, int]]
"""Validator → delegator (public key or purse; empty: the validator itself) → motes."""

UNBONDING_ERAS = 7
ERAS_REWARD_SHARE = 55_000
"""An era mints this part of the total supply: about 8 % a year."""
LATE_PERCENT = 5
"""2.x: the part of an era's rewards that pays for signatures of the era before."""


@dataclass(slots=True)
class Unbond:
    """Stake on its way back to a purse, or to another validator."""

    validator: str
    unbonder: str
    """A public key or a purse; the validator's own key when it withdraws its bid."""
    amount: int
    purse: str
    era_of_creation: int
    new_validator: str | None
    height: int
    released_height: int | None = None

    def is_pending_at(self, height: int) -> bool:
        return self.released_height is None or self.released_height > height


class Auction:
    """Who has staked how much with whom, and what the coming eras' validators are."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.stakes: Amounts[tuple[str, str]] = Amounts()
        self.commissions: dict[str, int] = {}
        self.purses: dict[str, str] = {}
        """Delegator or validator → the purse that its stake returns to."""
        self.unbonds: list[Unbond] = []
        self._waiting: deque[Unbond] = deque()
        self.before: Stakes = {}
        self.running: Stakes = {}
        self.coming: Stakes = {}
        """Stakes of the era before the running one, of it, and of the next one."""

    def bond(self, validator: str, delegator: str, amount: int) -> None:
        self.stakes.add((validator, delegator), amount, self._ledger.height)

    def unbond(self, unbond: Unbond) -> None:
        delegator = "" if unbond.unbonder == unbond.validator else unbond.unbonder
        self.bond(unbond.validator, delegator, -unbond.amount)
        self.unbonds.append(unbond)
        self._waiting.append(unbond)

    def commission_of(self, validator: str) -> int:
        """Per cent of its delegators' rewards."""
        return self.commissions.setdefault(validator, int(validator[-4:], 16) % 15 + 1)

    def current_stakes(self) -> Stakes:
        return by_validator(self.stakes.items())

    def start(self) -> None:
        """Genesis: the stakes there are hold for the genesis block and the era after it."""
        self.running = self.coming = self.current_stakes()

    def turn_era(self) -> None:
        """End an era: stakes of now count one era later, since `auction_delay` is 1."""
        self.before, self.running = self.running, self.coming
        self.coming = self.current_stakes()

    def pay_rewards(self, percent: int, late: bool) -> list[list[Allocation]]:
        """Mint one era's rewards onto the stakes.

        `percent` of the pool is paid. Returns an allocation list for each paid era: the running
        one and, when `late`, the one before.
        """
        pool = self._ledger.total_supply // ERAS_REWARD_SHARE * percent // 100
        parts = [(pool, self.running)]
        if late:
            late_pool = pool * LATE_PERCENT // 100
            parts = [(pool - late_pool, self.running), (late_pool, self.before)]
        paid = [list(self._share(amount, stakes)) for amount, stakes in parts]
        for allocation in (each for part in paid for each in part):
            self.bond(allocation.validator, allocation.delegator, allocation.amount)
            self._ledger.mint_stake(allocation.amount)
        return paid

    def _share(self, pool: int, stakes: Stakes) -> Iterable[Allocation]:
        total = sum(sum(shares.values()) for shares in stakes.values())
        for validator, shares in stakes.items():
            weight = sum(shares.values())
            reward = pool * weight // total
            left = reward - reward * self.commission_of(validator) // 100
            own = reward
            for delegator, stake in shares.items():
                if delegator:
                    amount = left * stake // weight
                    own -= amount
                    yield Allocation(validator, delegator, amount)
            yield Allocation(validator, "", own)

    def release_unbonds(self, era_id: int) -> None:
        """Give back what has waited long enough, at the end of an era."""
        while self._waiting and self._waiting[0].era_of_creation + UNBONDING_ERAS <= era_id:
            unbond = self._waiting.popleft()
            unbond.released_height = self._ledger.height
            if unbond.new_validator:
                self.bond(unbond.new_validator, unbond.unbonder, unbond.amount)
            else:
                self._ledger.deposit(unbond.purse, unbond.amount)

    def pending_at(self, height: int) -> list[Unbond]:
        """Unbonds that were under way after the block at `height`."""
        made = bisect_right(self.unbonds, height, key=lambda unbond: unbond.height)
        return list(
            takewhile(lambda unbond: unbond.is_pending_at(height), reversed(self.unbonds[:made]))
        )[::-1]


def by_validator(items: Iterable[tuple[tuple[str, str], int]]) -> Stakes:
    """(validator, delegator) → motes as stakes, without what is 0."""
    grouped: Stakes = {}
    for (validator, delegator), amount in items:
        grouped.setdefault(validator, {})[delegator] = amount
    return grouped


def weights(stakes: Stakes) -> dict[str, int]:
    """Validator → weight, in the order of their keys."""
    return {validator: sum(stakes[validator].values()) for validator in sorted(stakes)}
