"""/api/v1/prices, and the newest one below it"""

from datetime import datetime

from sqlmodel import Session

from casper_dash.api.caching import newest
from casper_dash.api.kinds import DECIMAL, TIME, Field, choice
from casper_dash.api.parameters import Parameter
from casper_dash.api.resource import Found, Item, Listing, Resource, Rows
from casper_dash.queries.paging import Page
from casper_dash.queries.prices import PriceFilter, newest_price, prices

_FIELDS = (
    Field("time", TIME, "The beginning of the hour or day, in UTC."),
    Field("open", DECIMAL, "USD a CSPR at its beginning."),
    Field("high", DECIMAL, "The highest."),
    Field("low", DECIMAL, "The lowest."),
    Field("close", DECIMAL, "The last."),
    Field("volume_cspr", DECIMAL, "CSPR traded."),
    Field("volume_usd", DECIMAL, "USD traded."),
)


def _select(session: Session, wanted: PriceFilter, page: Page) -> Rows:
    return Rows(prices(session, wanted, page))


def _find(session: Session, _key: None, now: datetime) -> Found | None:
    row = newest_price(session)
    return Found(row, newest(None, now)) if row else None


PRICES = Resource(
    name="price",
    path="/api/v1/prices",
    description="The price of CSPR in USD.",
    fields=_FIELDS,
    listing=Listing(
        summary="Prices by time",
        parameters=(
            Parameter("after", TIME, "Not before this time."),
            Parameter("before", TIME, "Before this time."),
            Parameter("interval", choice("hour", "day"), "How long each is.", default="hour"),
        ),
        filter=PriceFilter,
        select=_select,
        key=("time",),
    ),
)

LATEST_PRICE = Resource(
    name="latest_price",
    path="/api/v1/prices/latest",
    description="The price of the newest hour that is held.",
    fields=_FIELDS,
    item=Item(summary="The newest price", find=_find),
)
