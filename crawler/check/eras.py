"""Eras: every figure equals the sum over the era's blocks; supply and validators recompute."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from crawler.check.blocks import EraSums
from crawler.check.report import Fault
from crawler.columns import motes_sum
from crawler.derive.supply import supplies
from crawler.models.chain import ERA_VALIDATOR, REWARD
from crawler.models.decisions import APPROVAL, PUBLICATION
from crawler.models.figures import DERIVE_STATE, ERA, ERA_SUPPLY, ERA_TOUCH
from crawler.network import Network


def era_faults(
    session: Session, network: Network, sums: dict[int, EraSums]
) -> Iterator[Fault | str]:
    """Holds `era` against what blocks and transfers add up to, one line a fault."""
    for era_id in session.execute(select(ERA_TOUCH.era_id).where(ERA_TOUCH.stale)).scalars():
        yield f"era {era_id}: not worked out since its blocks changed"
    stored = {row.id: row._asdict() for row in session.execute(select(ERA.id.table))}
    for era_id in sorted(stored.keys() - sums.keys()):
        yield f"era {era_id}: has a row, but no block"
    for era_id, held in sums.items():
        row = stored.get(era_id)
        if row is None:
            yield f"era {era_id}: has blocks, but no row"
            continue
        for name, right in _figures(era_id, held, network).items():
            if row[name] != right:
                yield f"era {era_id}: {name} is {row[name]}, its blocks say {right}"
    yield from _weight_faults(session, sums)
    yield from _reward_faults(session, sums)


def supply_faults(session: Session, network: Network) -> Iterator[str]:
    """Holds the published supply of every era against the formula, one line a fault."""
    publication = session.execute(select(DERIVE_STATE.publication)).scalar_one()
    question = select(
        ERA_SUPPLY.era_id, ERA_SUPPLY.transfers, ERA_SUPPLY.unlocks, ERA_SUPPLY.rewards
    ).where(ERA_SUPPLY.publication == publication)
    stored = {row.era_id: tuple(row)[1:] for row in session.execute(question)}
    for era_id, right in supplies(session, network, publication, 0):
        parts = (right.transfers, right.unlocks, right.rewards)
        if stored.pop(era_id, None) != parts:
            yield f"era {era_id}: circulating supply is not what recomputes"
    for era_id in stored:
        yield f"era {era_id}: has a circulating supply, but no row"
    yield from _unnamed_publications(session, publication)


def _unnamed_publications(session: Session, seen: int) -> Iterator[str]:
    """Whatever readers see, or could ask for, is of a publication that has a row."""
    used = {seen}
    for column in (APPROVAL.publication, ERA_SUPPLY.publication):
        used |= set(session.execute(select(column).where(column <= seen).distinct()).scalars())
    named = set(session.execute(select(PUBLICATION.id)).scalars())
    for number in sorted(used - named):
        yield f"publication {number}: has decisions or figures, but no row"


def _figures(era_id: int, held: EraSums, network: Network) -> dict[str, Any]:
    first, last, before = held.first, held.last, held.before
    starts = first.height == 0 or (before is not None and before.height == first.height - 1)
    weight = before.next_era_weight if before is not None else None
    return {
        "complete": bool(starts and last.switch and held.blocks == last.height - first.height + 1),
        "start_block": first.height,
        "end_block": last.height if last.switch else None,
        "start": first.timestamp,
        "end": last.timestamp if last.switch else None,
        "blocks": held.blocks,
        "weight": network.genesis_validators_weight if era_id == 0 else weight,
        "total_supply": last.total_supply if last.switch else first.total_supply,
        "deploys": held.deploys,
        "transfers": held.transfers,
        "staked": held.staked,
        "unstaked": held.unstaked,
        "redelegated": held.redelegated,
        "transfer_volume": held.transfer_volume,
        "validators": last.validators,
        "validators_rewards": last.validators_rewards,
        "delegators": last.delegators,
        "delegators_rewards": last.delegators_rewards,
    }


def _weight_faults(session: Session, sums: dict[int, EraSums]) -> Iterator[Fault]:
    """A switch block's weights are those of the validators it names."""
    question = select(
        ERA_VALIDATOR.era_id, motes_sum(ERA_VALIDATOR.weight).label("weight")
    ).group_by(ERA_VALIDATOR.era_id)
    weights = {row.era_id: row.weight for row in session.execute(question)}
    told = {era_id + 1: held.last.next_era_weight for era_id, held in sums.items()}
    for era_id in sorted(weights.keys() | told.keys()):
        if weights.get(era_id) != told.get(era_id):
            line = f"era {era_id}: its validators' weights are not what a switch block told"
            yield Fault(line, _last_height(sums, era_id - 1))


def _reward_faults(session: Session, sums: dict[int, EraSums]) -> Iterator[Fault]:
    """Rewards may be those of some validators only, but never more than was paid."""
    question = select(REWARD.era_id, motes_sum(REWARD.amount).label("amount"))
    for row in session.execute(question.group_by(REWARD.era_id).order_by(REWARD.era_id)):
        last = sums[row.era_id].last if row.era_id in sums else None
        paid = last and (last.validators_rewards or 0) + (last.delegators_rewards or 0)
        if row.amount > (paid or 0):
            line = f"era {row.era_id}: holds rewards of {row.amount} motes, paid were {paid or 0}"
            yield Fault(line, _last_height(sums, row.era_id))


def _last_height(sums: dict[int, EraSums], era_id: int) -> tuple[int, ...]:
    return (sums[era_id].last.height,) if era_id in sums else ()
