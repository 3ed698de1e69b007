"""/price, /prices"""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session
from starlette.responses import Response

from casper_dash.api.caching import GROWING
from casper_dash.api.v0.answers import json_answer, number, time_text
from casper_dash.api.v0.parameters import Parameters
from casper_dash.api.v0.question import Question
from casper_dash.queries.paging import Page
from casper_dash.queries.prices import PriceFilter, newest_price
from casper_dash.queries.prices import prices as hourly_prices

_FIRST_HOUR = datetime(2021, 8, 20, 9, tzinfo=UTC)
"""Where market data begin."""
_FIRST_ID = 3403
"""Row number of that hour in the older database, if it had every hour since genesis."""

_EVERY_HOUR = Page(limit=10**6, descending=False)
"""More than a century."""


def price(_parameters: Parameters) -> Question:
    """The newest price in USD, a bare number; 0 if there is none."""

    def answer(session: Session, _now: datetime) -> Response:
        row = newest_price(session)
        return json_answer(0 if row is None else number(row["close"]), GROWING)

    return Question(answer)


def prices(_parameters: Parameters) -> Question:
    """Every hour since market data begin."""

    def answer(session: Session, _now: datetime) -> Response:
        rows = hourly_prices(session, PriceFilter(after=_FIRST_HOUR), _EVERY_HOUR)
        content = [
            {
                "id": _FIRST_ID + (row["time"] - _FIRST_HOUR) // timedelta(hours=1),
                "date": time_text(row["time"]),
                "open": number(row["open"]),
                "close": number(row["close"]),
                "high": number(row["high"]),
                "low": number(row["low"]),
                "volumeFrom": number(row["volume_cspr"]),
                "volumeTo": number(row["volume_usd"]),
            }
            for row in rows
        ]
        return json_answer(content, GROWING)

    return Question(answer, costly=True)
