"""/api/v1/supply/total, circulating and staked: one number in CSPR, as coin listing sites ask."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from casper_dash.api.caching import PUBLIC_HEADERS, newest
from casper_dash.api.database import Database
from casper_dash.api.listing import Endpoint
from casper_dash.api.openapi import problems_described
from casper_dash.api.parameters import read_query
from casper_dash.api.problems import RETRY_AFTER_S, Problem
from casper_dash.queries.supply import Supply, SupplyFilter, supply

FIGURES = ("total", "circulating", "staked")
PATH = "/api/v1/supply/{}"

_MOTES_DECIMALS = 9


def supply_text_endpoint(
    figure: str, database: Database, clock: Callable[[], datetime], *, published_only: bool
) -> Endpoint:
    """What answers with that figure, exact, or 503 while it might be too low.

    `published_only`: a circulating supply that no administrator has published is not told.
    """

    async def answer(request: Request) -> Response:
        read_query(request.scope["query_string"], ())
        found = await database.ask(_now)
        motes = _certain(figure, found, published_only=published_only) if found else None
        if found is None or motes is None:
            wait = {"Retry-After": str(RETRY_AFTER_S)}
            raise Problem(503, f"the {figure} supply is not final yet", headers=wait)
        headers = {**PUBLIC_HEADERS, "Cache-Control": newest(found.timestamp, clock())}
        return Response(cspr(motes), media_type="text/plain", headers=headers)

    return answer


def _now(session: Session) -> Supply | None:
    return supply(session, SupplyFilter())


def _certain(figure: str, found: Supply, *, published_only: bool) -> int | None:
    if figure != "circulating":
        motes: int | None = getattr(found, figure)
        return motes if found.current else None
    published = bool(found.publication) or not published_only
    return found.circulating if found.final and published else None


def cspr(motes: int) -> str:
    """The exact amount in CSPR, without trailing zeros."""
    whole, rest = divmod(abs(motes), 10**_MOTES_DECIMALS)
    text = f"{whole}.{rest:0{_MOTES_DECIMALS}d}".rstrip("0").rstrip(".")
    return f"-{text}" if motes < 0 else text


def supply_text_described(figure: str) -> dict[str, Any]:
    """OpenAPI's description of the path."""
    schema = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?$"}
    operation = {
        "operationId": f"get_{figure}_supply",
        "summary": f"The {figure} supply in CSPR, as one decimal number",
        "parameters": [],
        "responses": {
            "200": {
                "description": "Exact. 503 with Retry-After until it is final.",
                "content": {"text/plain": {"schema": schema}},
            },
            **problems_described("400", "414", "429", "503"),
        },
    }
    return {"get": operation}
