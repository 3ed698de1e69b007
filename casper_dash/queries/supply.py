"""The supply now, of an era, and at a time: total, circulating with its parts, staked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from casper_dash.queries.eras import era_with_id, settled_era
from casper_dash.queries.history import settled_height
from casper_dash.queries.network import BLOCKS_IN_FLIGHT
from casper_dash.queries.paging import Row, one
from casper_dash.queries.published import SEEN_PUBLICATION
from crawler.models.chain import BLOCK
from crawler.models.decisions import PUBLICATION
from crawler.models.figures import ERA_SUPPLY
from crawler.models.work import CRAWL_STATE

_PARTS = ("circulating_transfers", "circulating_unlocks", "circulating_rewards")
_UNKNOWN = dict.fromkeys(["publication", *_PARTS])


@dataclass(frozen=True)
class SupplyFilter:
    """One era, or the newest block up to a time; neither: now.

    `publication`: as that one had it, instead of the one that readers see.
    """

    era_id: int | None = None
    at: datetime | None = None
    publication: int | None = None


@dataclass(frozen=True)
class Supply:
    """Amounts in motes, None where not known. `era_id` is the era that `circulating` is of.

    `current`: no newer block is missing, so that `total` and `staked` are not too low. `final`:
    besides, no block is missing before the end of that era, and its figures are worked out.
    """

    era_id: int | None
    timestamp: datetime
    total: int
    circulating: int | None
    staked: int | None
    transfers: int | None
    unlocks: int | None
    rewards: int | None
    publication: int | None
    current: bool
    final: bool


def supply(session: Session, wanted: SupplyFilter) -> Supply | None:
    """The supply; None where no block or era is held, or there is no such publication.

    Reads keys, or the index of times.
    """
    if wanted.publication is not None and not _was_published(session, wanted.publication):
        return None
    if wanted.era_id is not None:
        return _of_era(session, wanted.era_id, wanted.publication)
    return _at_block(session, wanted.at, wanted.publication)


def _was_published(session: Session, publication: int) -> bool:
    statement = select(PUBLICATION.id).where(
        PUBLICATION.id == publication, PUBLICATION.id <= SEEN_PUBLICATION
    )
    return session.execute(statement).first() is not None


def _of_era(session: Session, era_id: int, publication: int | None) -> Supply | None:
    era = _era(session, era_id, publication)
    if era is None:
        return None
    chain = {
        "timestamp": era["end"] or era["start"],
        "total": era["total_supply"],
        "staked": era["weight"],
    }
    return _supply(chain, era, current=True, settled=era_id <= settled_era(session))


def _era(session: Session, era_id: int, publication: int | None) -> Row | None:
    """The era, with its supply as the publication has it."""
    era = era_with_id(session, era_id)
    if era is None or publication is None:
        return era
    parts = one(
        session,
        select(
            ERA_SUPPLY.publication,
            ERA_SUPPLY.transfers.label("circulating_transfers"),
            ERA_SUPPLY.unlocks.label("circulating_unlocks"),
            ERA_SUPPLY.rewards.label("circulating_rewards"),
        ).where(ERA_SUPPLY.publication == publication, ERA_SUPPLY.era_id == era_id),
    )
    return {**era, **(parts or _UNKNOWN)}


def _at_block(session: Session, at: datetime | None, publication: int | None) -> Supply | None:
    block = _newest_block(session, at)
    if block is None:
        return None
    running = _era(session, block["era_id"], publication)
    whole = running is not None and running["complete"]
    counted = running if whole else _era(session, block["era_id"] - 1, publication)
    passed = at is not None and block["height"] < settled_height(session)
    chain = {
        "timestamp": block["timestamp"],
        "total": block["total_supply"],
        "staked": running["weight"] if running else None,
    }
    return _supply(
        chain,
        counted,
        current=passed or _is_at_head(session, block["height"]),
        settled=counted is not None and counted["id"] <= settled_era(session),
    )


def _newest_block(session: Session, at: datetime | None) -> Row | None:
    columns = (BLOCK.height, BLOCK.era_id, BLOCK.timestamp, BLOCK.total_supply)
    if at is None:
        return one(session, select(*columns).order_by(BLOCK.height.desc()).limit(1))
    until = select(*columns).where(BLOCK.timestamp <= at).order_by(BLOCK.timestamp.desc())
    return one(session, until.limit(1))


def _is_at_head(session: Session, height: int) -> bool:
    head = session.execute(select(CRAWL_STATE.head_height)).scalar()
    return head is not None and height >= head - BLOCKS_IN_FLIGHT


def _supply(chain: Row, counted: Row | None, *, current: bool, settled: bool) -> Supply:
    """`chain`: what a block or an era says of itself; `counted`: the era whose supply counts."""
    era: Row = counted or {"id": None, **_UNKNOWN}
    known = era["publication"] is not None
    transfers, unlocks, rewards = (era[part] for part in _PARTS)
    return Supply(
        era_id=era["id"],
        **chain,
        circulating=transfers + unlocks + rewards if known else None,
        transfers=transfers,
        unlocks=unlocks,
        rewards=rewards,
        publication=era["publication"],
        current=current,
        final=current and settled and known,
    )
