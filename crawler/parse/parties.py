"""Who is named in an answer: an account by key or hash, a delegator by key or purse."""

from crawler.parse.fields import (
    AccountKey,
    OneOf,
    PublicKey,
    Purse,
    bare_account_hash,
    purse_address,
)
from crawler.parse.keys import account_hash


class AccountAddress(OneOf, rename="pascal"):
    """Casper's `InitiatorAddr`."""

    public_key: PublicKey | None = None
    account_hash: AccountKey | None = None

    def resolve(self) -> tuple[str, str | None]:
        """The account hash, and the public key where that was given."""
        if self.account_hash is not None:
            return bare_account_hash(self.account_hash), None
        public_key = self.content().lower()
        return account_hash(public_key), public_key


class DelegatorKind(OneOf, rename="pascal"):
    """Who delegates, from 2.0 on."""

    public_key: PublicKey | None = None
    purse: Purse | None = None

    def resolve(self) -> str:
        """The public key, or the 64 hex digits of the purse."""
        return purse_address(self.purse) if self.purse is not None else self.content().lower()
