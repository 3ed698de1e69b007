"""Validators of an era: weight and rank, what was paid through them, bid and place."""

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import Session

from casper_dash.queries.paging import Row, rows
from casper_dash.queries.peers import newest_peer_version
from crawler.columns import motes_sum
from crawler.models.chain import BID, BID_ERA, ERA_VALIDATOR, REWARD
from crawler.models.feeds import PEER

_SHARE = Context(prec=12)


def newest_validator_era(session: Session) -> int | None:
    """The newest era whose validators are known. Reads the end of the key."""
    return session.execute(select(func.max(ERA_VALIDATOR.era_id))).scalar()


def last_era_of(session: Session, public_key: str) -> int | None:
    """The newest era in which it was a validator. Reads ix_era_validator_key."""
    statement = select(func.max(ERA_VALIDATOR.era_id)).where(ERA_VALIDATOR.public_key == public_key)
    return session.execute(statement).scalar()


def validators(session: Session, era_id: int) -> list[Row]:
    """The era's validators by falling weight, then by key.

    Reads the era's part of the keys of `era_validator` and `reward` (of the era before: a running
    era has paid nothing yet), the bids that hold in the newest era known, the newest peers.
    """
    columns = (ERA_VALIDATOR.era_id, ERA_VALIDATOR.public_key, ERA_VALIDATOR.weight)
    order = (ERA_VALIDATOR.weight.desc(), ERA_VALIDATOR.public_key.desc())
    found = rows(session, select(*columns).where(ERA_VALIDATOR.era_id == era_id).order_by(*order))
    total = sum(row["weight"] for row in found)
    more = (_paid(session, era_id), _bids(session, era_id), _places(session))
    return [
        {**row, "rank": rank, "share": _share(row["weight"], total), **_known(row, *more)}
        for rank, row in enumerate(found, start=1)
    ]


def _share(weight: int, total: int) -> Decimal:
    return _SHARE.divide(Decimal(weight), Decimal(total)) if total else Decimal(0)


def _known(
    row: Row, paid: Mapping[str, int], bids: Mapping[str, Row], places: Mapping[str, Row]
) -> Row:
    key = row["public_key"]
    bid = bids.get(key, {})
    return {
        "rewards": paid.get(key),
        "delegators": bid.get("delegators"),
        "commission": bid.get("commission"),
        "place": places.get(key),
    }


def _paid(session: Session, era_id: int) -> dict[str, int]:
    """Validator → motes paid to it and its delegators for the newest era paid, up to this one."""
    newest = select(func.max(REWARD.era_id)).where(REWARD.era_id <= era_id).scalar_subquery()
    statement = (
        select(REWARD.validator, motes_sum(REWARD.amount).label("paid"))
        .where(REWARD.era_id == newest)
        .group_by(REWARD.validator)
    )
    return {row["validator"]: row["paid"] for row in rows(session, statement)}


def _bids(session: Session, era_id: int) -> dict[str, Row]:
    """Validator → its commission and number of delegators, in the newest era known up to this.

    Reads ix_bid_until: what holds still, or ended later.
    """
    newest = (
        select(func.max(BID_ERA.era_id))
        .where(BID_ERA.known, BID_ERA.era_id <= era_id)
        .scalar_subquery()
    )
    holds = (BID.from_era <= newest, or_(BID.until_era.is_(None), BID.until_era > newest))
    statement = (
        select(
            BID.validator,
            func.max(BID.commission).label("commission"),
            func.count(func.nullif(BID.kind == "delegation", False)).label("delegators"),
        )
        .where(*holds, BID.kind != "unbonding")
        .group_by(BID.validator)
    )
    return {row["validator"]: row for row in rows(session, statement)}


def _places(session: Session) -> dict[str, Row]:
    columns: Sequence[Any] = (
        PEER.public_key,
        PEER.country,
        PEER.region,
        PEER.city,
        PEER.latitude,
        PEER.longitude,
    )
    version = newest_peer_version()
    statement = select(*columns).where(PEER.version == version, PEER.public_key.is_not(None))
    return {row["public_key"]: row for row in rows(session, statement)}
