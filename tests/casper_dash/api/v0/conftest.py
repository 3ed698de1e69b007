"""A chain of which eras 0 to 2 are complete and era 3 runs, asked through the whole application."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.factories import (
    CSPR,
    block,
    crawl_state,
    derive_state,
    era,
    era_supply,
    running_era,
)

Ask = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def chain(stored, clock) -> None:
    clock.now = block(34)["timestamp"]
    stored(
        blocks=[block(height) for height in range(35)],
        eras=[*map(era, range(3)), running_era(3, blocks=5)],
        supplies=[
            era_supply(era_id, unlocks=(20 + era_id) * CSPR, transfers=2 * CSPR - 1)
            for era_id in range(4)
        ],
        crawl=[crawl_state(34)],
        derive=[derive_state()],
    )


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    """GET below /api/v0; parameters that are no text are given as JSON."""

    async def get(path: str, **parameters: Any) -> httpx.Response:
        query = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in parameters.items()
        }
        return await client.get(f"/api/v0{path}", params=query)

    return get
