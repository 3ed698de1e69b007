"""A node and its place as the JSON list of docs/feeds.md writes it → a row of `peer`. Pure."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from crawler.feeds.decimals import fitted
from crawler.models.feeds import Peer
from crawler.parse.keys import PUBLIC_KEY_PATTERN

_Text = Annotated[str, Meta(min_length=1, max_length=200)]
_Name = Annotated[str, Meta(min_length=1, max_length=100)]


class Place(msgspec.Struct, kw_only=True):
    """Everything but the address may be null or absent: not known."""

    address: _Name
    public_key: Annotated[str, Meta(pattern=PUBLIC_KEY_PATTERN)] | None = None
    node_version: Annotated[str, Meta(min_length=1, max_length=32)] | None = None
    role: Annotated[str, Meta(min_length=1, max_length=16)] | None = None
    country: Annotated[str, Meta(pattern=r"\A[A-Z]{2}\Z")] | None = None
    region: _Name | None = None
    city: _Name | None = None
    postal: Annotated[str, Meta(min_length=1, max_length=20)] | None = None
    timezone: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    organisation: _Text | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    performance: Decimal | None = None


PlaceList = Annotated[list[Place], Meta(min_length=1)]


def place_rows(places: Sequence[Place]) -> list[dict[str, Any]]:
    """Rows of `peer` without their version. Raises ValueError naming the address that is wrong."""
    (address, count), *_ = Counter(place.address for place in places).most_common(1)
    if count > 1:
        raise ValueError(f"the address {address} is there {count} times")
    return [_row(place) for place in places]


def _row(place: Place) -> dict[str, Any]:
    row = msgspec.structs.asdict(place)
    for name in ("public_key", "role"):
        row[name] = row[name] and row[name].lower()
    try:
        for name in ("latitude", "longitude", "performance"):
            if row[name] is not None:
                row[name] = fitted(row[name], Peer, name)
        _check_position(row["latitude"], row["longitude"])
    except ValueError as error:
        raise ValueError(f"{place.address}: {error}") from error
    return row


def _check_position(latitude: Decimal | None, longitude: Decimal | None) -> None:
    if latitude is None and longitude is None:
        return
    if latitude is None or longitude is None:
        raise ValueError("latitude and longitude go together")
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise ValueError(f"{latitude},{longitude} is no place on Earth")
