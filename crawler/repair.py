"""Mends what `check` faults: has wrong blocks fetched again, and works every figure out anew."""

from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import Engine, delete, select, update
from sqlmodel import Session

from crawler.check import check
from crawler.check.report import Fault, Report
from crawler.coverage import plan_lost
from crawler.database import transact
from crawler.derive.depth import forget_depths
from crawler.models.chain import (
    BLOCK,
    ERA_VALIDATOR,
    KNOWN_ACCOUNT,
    REWARD,
    EraValidator,
    KnownAccount,
    Reward,
)
from crawler.models.figures import DERIVE_STATE, ERA, ERA_SUPPLY, DeriveState, EraSupply
from crawler.network import Network
from crawler.recrawl import recrawl
from crawler.store import touch_eras

_ERAS_A_STATEMENT = 1000
_ROUNDS = 3


def repair(
    engine: Engine, network: Network, crawl: Callable[[], object]
) -> tuple[list[str], list[str]]:
    """Faults found and faults left, after `crawl` has fetched what was taken back.

    A few rounds: a block with a wrong era takes that era's rewards along when it is taken back.
    Raises what `crawl` raises, and DatabaseUnusable where `check` does.
    """
    report = check(engine, network)
    found = report.faults
    for _ in range(_ROUNDS):
        plan_repair(engine, report)
        crawl()
        report = check(engine, network)
        if not report.found:
            break
    return found, report.faults


def plan_repair(engine: Engine, report: Report) -> None:
    """Plans everything that mends what was found; blocks are taken back neighbours at a time."""
    for first, last in _spans(report.found):
        transact(engine, lambda session, first=first, last=last: recrawl(session, first, last))  # type: ignore[misc]
    transact(engine, plan_lost)
    if report.found:
        transact(engine, lambda session: _forget_accounts(session, report.found))
        transact(engine, _work_out_anew)


def _spans(faults: Iterable[Fault]) -> Iterator[tuple[int, int]]:
    """First and last of neighbouring heights, rising."""
    heights = {height for fault in faults for height in fault.heights}
    for height in sorted(heights):
        if height - 1 not in heights:
            first = height
        if height + 1 not in heights:
            yield first, height


def _forget_accounts(session: Session, faults: Iterable[Fault]) -> None:
    """A key that is another account's is worse than none; the right one is learnt again."""
    wrong = [fault.account for fault in faults if fault.account is not None]
    change = update(KnownAccount).where(KNOWN_ACCOUNT.account_hash.in_(wrong))
    session.execute(change.values(public_key=None))


def _work_out_anew(session: Session) -> None:
    """Every era, its supply and every depth, whatever is held; and drops what belongs to none."""
    held = set(session.execute(select(BLOCK.era_id).distinct()).scalars())
    rows = set(session.execute(select(ERA.id)).scalars())
    # what earlier publications said of an era stays as it was known then
    seen = select(DERIVE_STATE.publication).scalar_subquery()
    gone = delete(EraSupply).where(ERA_SUPPLY.era_id.not_in(select(ERA.id)))
    session.execute(gone.where(ERA_SUPPLY.publication >= seen))
    announced = {era + 1 for era in held}
    session.execute(delete(EraValidator).where(ERA_VALIDATOR.era_id > max(announced, default=-1)))
    session.execute(delete(Reward).where(REWARD.era_id > max(held, default=-1)))
    eras = sorted(held | rows)
    for start in range(0, len(eras), _ERAS_A_STATEMENT):
        touch_eras(session, eras[start : start + _ERAS_A_STATEMENT])
    session.execute(update(DeriveState).values(depth_to=-1))
    forget_depths(session, -1)
