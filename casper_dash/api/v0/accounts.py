"""/account, /knownAccounts"""

from datetime import datetime
from typing import Any

from sqlmodel import Session
from starlette.responses import Response

from casper_dash.api.caching import GROWING
from casper_dash.api.v0.account_id import PREFIX, account_hash_of
from casper_dash.api.v0.answers import json_answer
from casper_dash.api.v0.errors import MissingParameter
from casper_dash.api.v0.parameters import Parameters
from casper_dash.api.v0.question import Question
from casper_dash.queries.paging import Row
from casper_dash.queries.v0.accounts import known_account, named_accounts

_UNKNOWN = {"statusCode": 404}
"""With status 200: clients test for `hash`."""
_ID_DIGITS = 13
"""Of the hash, in hex: whole numbers up to 2^53 are exact in JavaScript."""


def account(parameters: Parameters) -> Question:
    """What is known of an account."""
    given = parameters.text("account")
    if given is None:
        raise MissingParameter("account")
    account_hash = account_hash_of(given)

    def answer(session: Session, _now: datetime) -> Response:
        row = None if account_hash is None else known_account(session, account_hash)
        return json_answer(_UNKNOWN if row is None else _shown(row), GROWING)

    return Question(answer)


def known_accounts(_parameters: Parameters) -> Question:
    """Every account that has a name."""

    def answer(session: Session, _now: datetime) -> Response:
        rows = named_accounts(session)
        return json_answer([{"id": _id(row)} | _shown(row) for row in rows], GROWING)

    return Question(answer)


def _id(row: Row) -> int:
    """A number that is the same in every answer, and rises with the hash."""
    return int(row["account_hash"][:_ID_DIGITS], 16)


def _shown(row: Row) -> dict[str, Any]:
    return {
        "hash": PREFIX + row["account_hash"],
        "hex": row["public_key"],
        "name": row["name"] or None,
        "comment": row["comment"],
    }
