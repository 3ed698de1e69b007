"""Which job when, nothing else. The app runs them in its timetable, and so does `crawler run`."""

from collections.abc import Callable

from sqlalchemy import Engine

from crawler.coverage import plan_lost
from crawler.database import transact
from crawler.enrich import balances, bids, rewards
from crawler.feeds import learnt_nodes, places, prices
from crawler.job_run import Run
from crawler.network import Network
from crawler.rework import recompute, recrawl_span, repair_all
from crawler.settings import CrawlerSettings
from crawler.timetable import Job

_HOUR_S = 3600

Work = Callable[[Engine, Network, CrawlerSettings], str]
Ordered = Callable[[Engine, Network, Run], str]


def jobs(engine: Engine, network: Network, settings: CrawlerSettings) -> list[Job]:
    """Every job of this release; docs/operating.md says what each is for."""

    def job(name: str, every_s: float, work: Work) -> Job:
        return Job(name, every_s, lambda _run: work(engine, network, settings))

    def ordered(name: str, work: Ordered) -> Job:
        return Job(name, None, lambda run: work(engine, network, run))

    return [
        Job("coverage", _HOUR_S, lambda _run: _coverage(engine)),
        job("prices", prices.INTERVAL_S, prices.refresh_prices),
        job("places", places.INTERVAL_S, places.refresh_places),
        job("nodes", learnt_nodes.INTERVAL_S, learnt_nodes.learn_nodes),
        job("balances", balances.INTERVAL_S, balances.fetch_balances),
        job("bids", bids.INTERVAL_S, bids.fetch_bids),
        Job(
            "rewards",
            rewards.INTERVAL_S,
            lambda run: rewards.fill_rewards(engine, network, settings, run),
        ),
        ordered("recompute", recompute),
        ordered("recrawl", recrawl_span),
        ordered("repair", repair_all),
    ]


def _coverage(engine: Engine) -> str:
    planned = transact(engine, plan_lost)
    return f"{planned} heights were neither held nor planned, and are planned now"
