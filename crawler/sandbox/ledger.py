"""Purses and the total supply. Every mote that is minted, burnt or moved passes here."""

from crawler.sandbox.history import Amounts


class Ledger:
    def __init__(self) -> None:
        self.balances: Amounts[str] = Amounts()
        self.total_supply = 0
        self.height = 0
        """The block that is being made: what changes now, changes at this height."""

    def deposit(self, purse: str, amount: int) -> None:
        """Into a purse, from stake that is no longer bound or the like; the supply stays."""
        self.balances.add(purse, amount, self.height)

    def withdraw(self, purse: str, amount: int) -> None:
        self.balances.add(purse, -amount, self.height)

    def move(self, source: str, target: str, amount: int) -> None:
        self.withdraw(source, amount)
        self.deposit(target, amount)

    def mint(self, purse: str, amount: int) -> None:
        self.deposit(purse, amount)
        self.total_supply += amount

    def mint_stake(self, amount: int) -> None:
        """New motes that go to stake, which the auction keeps."""
        self.total_supply += amount

    def burn(self, purse: str, amount: int) -> None:
        self.withdraw(purse, amount)
        self.total_supply -= amount
