"""Balances asked of nodes at once: few nodes, few calls at a time, and not for long."""

import asyncio
import time
from collections.abc import Sequence

from sqlalchemy import Engine

from crawler import node_orders
from crawler.enrich.told import ask_state
from crawler.node.client import Client
from crawler.node.pool import Pool
from crawler.parse.supply import parse_balance

_MOST_NODES = 3
"""Each is asked at most once about an account that none of them knows."""
_CALLS_IN_FLIGHT = 2
_CALL_S = 4.0
_PATIENCE_S = 8.0
_STATUS_HOLDS_S = 10.0


class NodesAway(Exception):
    """No node could be asked about that block in time."""


class NodeBalances:
    """The first few of these nodes, as operators want them asked (`engine` has their orders).

    Connects at the first question.
    """

    def __init__(self, urls: Sequence[str], engine: Engine, *, chain: str) -> None:
        self._urls = urls[:_MOST_NODES]
        self._engine = engine
        self._chain = chain
        self._client: Client | None = None
        self._pool: Pool | None = None
        self._refreshed_at = -_STATUS_HOLDS_S
        self._lock = asyncio.Lock()

    async def balance(self, account_hash: str, block_hash: str, height: int) -> int | None:
        """Motes after that block; None: no node knows the account. Raises NodesAway."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                pool = await self._ready()
                told = await ask_state(
                    pool,
                    "query_balance",
                    {
                        "state_identifier": {"BlockHash": block_hash},
                        "purse_identifier": {
                            "main_purse_under_account_hash": f"account-hash-{account_hash}"
                        },
                    },
                    parse_balance,
                    height=height,
                )
        except TimeoutError as error:
            raise NodesAway from error
        if told is None:
            raise NodesAway
        return told.answer

    async def _ready(self) -> Pool:
        """The pool, its nodes' status no older than some seconds."""
        async with self._lock:
            if self._pool is None:
                self._client = Client(_CALL_S, _CALLS_IN_FLIGHT)
                self._pool = Pool(
                    self._urls, self._client, chain=self._chain, concurrency=_CALLS_IN_FLIGHT
                )
            if time.monotonic() - self._refreshed_at >= _STATUS_HOLDS_S:
                await node_orders.obey(self._engine, self._pool)
                await self._pool.refresh()
                self._refreshed_at = time.monotonic()
            return self._pool

    async def close(self) -> None:
        """Closes its connections; a later question opens new ones."""
        client, self._client, self._pool = self._client, None, None
        self._refreshed_at = -_STATUS_HOLDS_S
        if client is not None:
            client.close()
