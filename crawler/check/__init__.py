"""Proves the database: everything that is held, linked and summed is held, linked and summed right.

Works on one snapshot, streams it once, and recomputes in Python what was derived in SQL.
"""

import time

from sqlalchemy import Engine, select
from sqlmodel import Session

from crawler import schema
from crawler.check.accounts import account_faults
from crawler.check.blocks import BlockProof
from crawler.check.eras import era_faults, supply_faults
from crawler.check.report import Report
from crawler.check.transfers import TransferProof
from crawler.database import snapshot
from crawler.models.figures import ERA_TOUCH
from crawler.models.table import table_of
from crawler.models.work import CrawlState
from crawler.network import Network

_DERIVING_S = 5.0
"""How long a crawler that runs meanwhile is given to work out what it has just stored."""


def check(engine: Engine, network: Network) -> Report:
    """Every fault there is, in the order blocks, transfers, accounts, eras, supply.

    Raises DatabaseUnusable if there is no database that it could prove.
    """
    schema.require(engine)
    deadline = time.monotonic() + _DERIVING_S
    while True:
        with snapshot(engine) as session:
            if not _deriving(session) or time.monotonic() > deadline:
                return _prove(session, network)
        time.sleep(0.2)


def _deriving(session: Session) -> bool:
    stale = select(ERA_TOUCH.era_id).where(ERA_TOUCH.stale).limit(1)
    return session.execute(stale).first() is not None


def _prove(session: Session, network: Network) -> Report:
    report = Report()
    state = session.execute(select(table_of(CrawlState))).first()
    if state is None:
        report.take(["the database holds no crawl"])
        return report
    if state.network != network.name:
        report.take([f"the database holds the network {state.network!r}, not {network.name!r}"])
        return report
    blocks = BlockProof(state.crawl_from, state.planned_to)
    report.take(blocks.faults(session))
    report.blocks, report.newest = blocks.count, blocks.newest
    transfers = TransferProof(network, blocks)
    report.take(transfers.faults(session))
    report.transfers = transfers.count
    report.take(account_faults(session))
    report.take(era_faults(session, network, blocks.eras))
    report.eras = len(blocks.eras)
    report.take(supply_faults(session, network))
    return report
