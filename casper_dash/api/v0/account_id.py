"""The ways in which clients name an account."""

from casper_dash.api.v1.account_id import ACCOUNT_HASH

PREFIX = "account-hash-"


def account_hash_of(text: str) -> str | None:
    """The account hash of a public key, `account-hash-…` or the bare digits; None for no account.

    Any case is read, lower-case digits are given.
    """
    try:
        account_hash: str = ACCOUNT_HASH.parse(text)
    except ValueError:
        return None
    return account_hash
