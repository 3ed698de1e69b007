"""One machine's crawler in this process, behind links of its own."""

import asyncio
from urllib.parse import urlsplit

from sqlalchemy import Engine

from crawler.crawl import open_crawler
from tests.crawler.crawls import Crawl
from tests.crawler.faults.link import Link
from tests.crawler.faults.schedule import Disturbance
from tests.databases import engine_of


class Machine:
    """What a worker process does, from start to kill, again and again."""

    def __init__(self, crawl: Crawl) -> None:
        self._crawl = crawl
        self._nodes = [Link("127.0.0.1", urlsplit(url).port) for url in crawl.settings.rpc_nodes]
        self._databases: list[Link] = []
        """Each process has its own, so that a killed one's threads never reach it again."""
        self._dead: list[Link] = []
        self._engines: list[Engine] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._stop = asyncio.Event()
        self.runs = False

    async def open(self) -> None:
        for link in self._nodes:
            await link.open()

    async def start(self) -> None:
        """A new process: it knows nothing of the one before."""
        urls = tuple(f"http://127.0.0.1:{link.port}/rpc" for link in self._nodes)
        settings = self._crawl.settings.model_copy(update={"rpc_nodes": urls})
        engine = engine_of(await self._database_url())
        self._engines.append(engine)
        self._stop = asyncio.Event()
        work = _work(Crawl(engine, self._crawl.network, settings), self._stop)
        self._tasks.append(asyncio.create_task(work))
        self.runs = True

    def stop(self) -> None:
        """As SIGTERM: it ends when it has stored what it is at."""
        self._stop.set()
        self.runs = False

    def kill(self) -> None:
        """As kill -9: its connections end, nothing is given back."""
        self._tasks[-1].cancel()
        self._stop.set()  # a cancellation can be lost in `asyncio.wait_for` before Python 3.12
        if self._databases:
            self._databases[-1].disturb("refuse")
            self._dead.append(self._databases.pop())
        self.runs = False

    async def close(self) -> None:
        """Stops it and closes all that was opened."""
        self._stop.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for engine in self._engines:
            engine.dispose()
        for link in [*self._nodes, *self._databases, *self._dead]:
            await link.close()

    def disturb_node(self, node: int, how: Disturbance | None) -> None:
        self._nodes[node].disturb(how)

    def disturb_database(self, how: Disturbance | None) -> None:
        for link in self._databases:
            link.disturb(how)

    def raise_if_failed(self) -> None:
        """Raises what ended the crawler, if anything but a kill did."""
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.result()

    async def _database_url(self) -> str:
        url = self._crawl.engine.url
        if url.get_backend_name() != "sqlite":
            link = Link(url.host or "127.0.0.1", url.port or 3306)
            await link.open()
            self._databases.append(link)
            url = url.set(host="127.0.0.1", port=link.port, query={})
        return url.render_as_string(hide_password=False)


async def _work(crawl: Crawl, stop: asyncio.Event) -> None:
    async with (
        open_crawler(crawl.engine, crawl.network, crawl.settings) as crawler,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(crawler.follow(stop))
        group.create_task(crawler.work(stop))
        group.create_task(crawler.watch_nodes(stop))
