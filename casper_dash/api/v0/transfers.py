"""/transfersByEraId, /transfersByAccountHash"""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from sqlmodel import Session
from starlette.responses import Response

from casper_dash.api.caching import GROWING
from casper_dash.api.v0.account_id import account_hash_of
from casper_dash.api.v0.answers import (
    big_integer,
    cspr,
    json_answer,
    second_text,
    time_text,
    until_published,
)
from casper_dash.api.v0.cycles import edges_on_cycles
from casper_dash.api.v0.errors import EntityNotFound, InvalidParameter, MissingParameter
from casper_dash.api.v0.parameters import Parameters, whole
from casper_dash.api.v0.question import Question
from casper_dash.queries.eras import era_with_id
from casper_dash.queries.paging import Row
from casper_dash.queries.v0.eras import last_completed_era
from casper_dash.queries.v0.transfers import Party, era_side, party_sides

MOST_TRANSFERS = 200
_DEFAULT_LIMIT = 20
_PLACES = 10**6
"""More than a block can have transfers."""


def by_era_id(parameters: Parameters) -> Question:
    """The largest transfers of an era."""
    number = parameters.number("eraId")
    most = _most(parameters)

    def answer(session: Session, _now: datetime) -> Response:
        era_id = _era_id(session, number)
        era = None if era_id is None else era_with_id(session, era_id)
        if era is None:
            raise EntityNotFound("Era", str(era_id if era_id is not None else number))
        side = era_side(session, era["id"], most)
        content = {
            "eraId": era["id"],
            "eraStart": time_text(era["start"]),
            "eraEnd": time_text(era["end"]),
            "transfers": [_of_era(row) | shown for row, shown in _marked(side.largest)],
            "count": side.total,
        }
        return json_answer(content, until_published(session, era["id"]))

    return Question(answer)


def _most(parameters: Parameters) -> int:
    limit = parameters.number("limit")
    if limit is None:
        return _DEFAULT_LIMIT
    if limit < 0:
        raise InvalidParameter("limit", parameters.text("limit"))
    return min(int(limit.to_integral_value(ROUND_FLOOR)), MOST_TRANSFERS)


def _era_id(session: Session, number: Decimal | None) -> int | None:
    if number is not None:
        return whole(number)
    return last_completed_era(session) or 0


def by_account(parameters: Parameters) -> Question:
    """The largest transfers of an account, and the sums of all."""
    account = parameters.text("account")
    if not account:
        raise MissingParameter("account")
    party = _party(account)

    def answer(session: Session, _now: datetime) -> Response:
        incoming, outgoing = party_sides(session, party, MOST_TRANSFERS)
        # of equal ones what came in stands first
        largest = sorted((*incoming.largest, *outgoing.largest), key=_by_size)[:MOST_TRANSFERS]
        content = {
            "transfers": [shown for _, shown in _marked(largest)],
            "count": incoming.total + outgoing.total,
            "countTo": incoming.total,
            "countFrom": outgoing.total,
            "transfersToSum": big_integer(incoming.amount),
            "transfersFromSum": big_integer(outgoing.amount),
        }
        return json_answer(content, GROWING)

    return Question(answer, costly=True)


def _party(account: str) -> Party:
    account_hash = account_hash_of(account)
    return Party(account_hash, "" if account_hash else account.lower())


def _by_size(row: Row) -> tuple[int, int, int]:
    return -row["amount"], row["height"], row["place"]


def _marked(rows: Sequence[Row]) -> list[tuple[Row, dict[str, Any]]]:
    """Each row, and what is shown of it: receivers on a cycle of these transfers are prefixed."""
    shown = [_of_account(row) for row in rows]
    marks = edges_on_cycles([(each["fromHash"], each["toHash"]) for each in shown])
    for each, on_cycle in zip(shown, marks, strict=True):
        if on_cycle:
            each["toHash"] = f"dub-{each['toHash']}"
    return list(zip(rows, shown, strict=True))


def _of_account(row: Row) -> dict[str, Any]:
    receiver = row["to_account_hash"]
    return {
        "timestamp": second_text(row["submitted_at"]),
        "blockHeight": row["height"],
        "eraId": row["era_id"],
        "deployHash": row["deploy_hash"],
        "from": row["from_public_key"] or row["source"],
        "fromHash": f"account-hash-{row['from_account_hash']}",
        "to": row["to_public_key"] or "",
        "toHash": row["target"] if receiver is None else f"account-hash-{receiver}",
        "amount": str(row["amount"]),
        "denomAmount": cspr(row["amount"]),
    }


def _of_era(row: Row) -> dict[str, Any]:
    """The keys that only an era's transfers have, where the order of the answer has them."""
    return {
        "id": row["height"] * _PLACES + row["place"],
        "timestamp": second_text(row["submitted_at"]),
        "depth": row["depth"],
        "approved": bool(row["approved"]),
    }
