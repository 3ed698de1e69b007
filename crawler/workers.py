"""The crawler's processes on this machine: one follows the head, the others fill the past."""

import asyncio
import signal
from multiprocessing.context import ForkServerProcess

import structlog
import uvloop

from crawler import processes, telemetry
from crawler.crawl import open_crawler
from crawler.database import make_engine
from crawler.log import configure_logging
from crawler.network import load_network
from crawler.settings import CrawlerSettings

log = structlog.get_logger(__name__)


class Workers:
    """CRAWL_WORKERS processes that are started again when they end."""

    def __init__(self, settings: CrawlerSettings, *, highest: int | None = None) -> None:
        self._settings = settings
        self._highest = highest
        self._processes: dict[int, ForkServerProcess] = {}
        self._stopped = False

    def watch(self) -> None:
        """Starts the workers that are not running; called again and again."""
        for number in range(self._settings.crawl_workers):
            process = self._processes.get(number)
            if self._stopped or (process is not None and process.is_alive()):
                continue
            if process is not None:
                telemetry.forget_process(process.pid or 0)
                log.warning("worker ended, started again", number=number, code=process.exitcode)
            self._processes[number] = processes.start(
                f"crawler-{number}", run_worker, self._settings, number, self._highest
            )

    def stop(self) -> None:
        """Ends all of them; what they had claimed is free again or soon will be."""
        self._stopped = True
        processes.stop(list(self._processes.values()))


def run_worker(settings: CrawlerSettings, number: int, highest: int | None) -> None:
    """What worker `number` does until SIGTERM: 0 follows, unless blocks above `highest` do not
    count; a lone worker does both."""
    configure_logging(settings.log_level, settings.log_format)
    uvloop.run(_work(settings, number, highest))


async def _work(settings: CrawlerSettings, number: int, highest: int | None) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    engine = make_engine(settings)
    network = load_network(settings.network_name)
    share = max(settings.crawl_workers, 1)
    async with (
        open_crawler(engine, network, settings, share=share) as crawler,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(crawler.watch_nodes(stop))
        if number == 0:
            group.create_task(crawler.follow(stop, highest))
        if number > 0 or settings.crawl_workers == 1:
            group.create_task(crawler.work(stop))
    engine.dispose()
