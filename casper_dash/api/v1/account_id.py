"""How an account is named in a path or query: by its public key, or by its account hash."""

from casper_dash.api.kinds import Kind
from casper_dash.queries.accounts import AccountId
from crawler.parse.keys import account_hash, is_hash, is_public_key

_PREFIX = "account-hash-"
_ALLOWED = (
    "a public key (01 and 64 or 02 and 66 hexadecimal digits) or an account hash (64 of them,"
    f" with or without {_PREFIX})"
)
_SCHEMA = {
    "type": "string",
    "pattern": "^(01[0-9a-f]{64}|02[0-9a-f]{66}|(account-hash-)?[0-9a-f]{64})$",
}


def _parse(text: str) -> AccountId:
    word = text.lower().removeprefix(_PREFIX)
    if is_public_key(word):
        return AccountId(account_hash(word), word)
    if is_hash(word):
        return AccountId(word)
    raise ValueError(text)


ACCOUNT = Kind(_ALLOWED, _SCHEMA, _parse)
ACCOUNT_HASH = Kind(_ALLOWED, _SCHEMA, lambda text: _parse(text).account_hash)
