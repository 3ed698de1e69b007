"""What the API is asked: held answers, rows and pages that were never seen, every list there is."""

from collections.abc import Mapping

from bench.api_load import Case
from bench.api_servers import Server
from bench.seed import Size, account, digest, number, public_key
from casper_dash.api.cursor import encode_cursor
from casper_dash.api.kinds import WHOLE, Field

_LISTED = 5_000
_V1 = "/api/v1"


def held(server: Server, size: Size) -> dict[str, Case]:
    """Answers that are ready in memory after the first question."""
    paths = {
        "newest block": ["/blocks/latest"],
        "block": [f"/blocks/{size.blocks // 2}"],
        "total supply": ["/supply/total"],
        "page of 100 blocks": ["/blocks?limit=100"],
    }
    return {
        name: Case(server.address, [f"{_V1}{path}" for path in each], connections=100)
        for name, each in paths.items()
    }


def rows(server: Server, size: Size) -> dict[str, Case]:
    """One row; asked of a process that holds nothing."""
    hashes = [f"{_V1}/blocks/{digest('block', n)}" for n in _numbers("height", size.blocks)]
    accounts = [f"{_V1}/accounts/{account(20 + n)}" for n in _numbers("who", size.accounts - 20)]
    return {
        "block by height": _random(server, "/blocks/%d", size.blocks),
        "block by hash": Case(server.address, hashes),
        "era": _random(server, "/eras/%d", size.eras),
        "supply at an era": _random(server, "/supply?era=%d", size.eras),
        "search for a height": _random(server, "/search?q=%d", size.blocks),
        "account": Case(server.address, accounts),
    }


def pages(server: Server, size: Size) -> dict[str, Case]:
    """Lists of 100 rows unless their name says otherwise."""
    accounts = [account(20 + n) for n in _numbers("who", size.accounts - 20)]
    addressed = {
        "busiest account's transfers": f"/transfers?account={account(1)}",
        "largest transfers": "/transfers?sort=amount",
        "eras": "/eras?limit=100",
        "validators": "/validators?limit=100",
        "rewards of a delegator": f"/accounts/{public_key(1001)}/rewards?limit=100",
        "prices": "/prices?limit=100",
        "blocks, 1000": "/blocks?limit=1000",
    }
    return {
        "blocks of a range": _random(server, "/blocks?limit=100&to=%d", size.blocks),
        "switch blocks": _random(server, "/blocks?switch=true&limit=100&to=%d", size.blocks),
        "an era's transfers": _random(server, "/transfers?era=%d", size.eras),
        "an account's transfers": Case(
            server.address, [f"{_V1}/transfers?account={each}" for each in accounts]
        ),
        "flow of an era": _random(server, "/flow?era=%d", size.eras),
        **{name: Case(server.address, [_V1 + path]) for name, path in addressed.items()},
        # few at a time: all that wait at the end of a turn are answered still
        "series of 20,000 eras": Case(server.address, [f"{_V1}/series/staked"], connections=2),
    }


def depths(server: Server, size: Size) -> dict[str, Case]:
    """The first page and the one in the middle of all rows."""
    height = Field("height", WHOLE, "")
    middle = encode_cursor(f"{_V1}/blocks True []", [height], {"height": size.blocks // 2})
    return {
        "first page of blocks": Case(server.address, [f"{_V1}/blocks?limit=100"]),
        f"page {size.blocks // 200:,} of blocks": Case(
            server.address, [f"{_V1}/blocks?limit=100&cursor={middle}"]
        ),
    }


def every_answer(size: Size, templates: Mapping[str, object]) -> list[str]:
    """An address of every path that OpenAPI names, lists as long as one answer may be."""
    values = {
        "block": size.blocks // 3,
        "era": size.eras // 3,
        "account": account(1001),
        "public_key": public_key(1),
        "metric": "staked",
        "publication": 0,
        "q": size.blocks // 3,
    }
    queries = {
        f"{_V1}/search": f"?q={size.blocks // 3}",
        f"{_V1}/flow": f"?era={size.eras // 3}",
    }
    return [
        template.format_map(values) + queries.get(template, _limit(described))
        for template, described in templates.items()
        if template.startswith(_V1) and not template.endswith("/events")
    ]


def _limit(described: object) -> str:
    return "?limit=1000" if "'name': 'limit'" in repr(described) else ""


def _random(server: Server, form: str, below: int) -> Case:
    return Case(server.address, form=_V1 + form, below=below)


def _numbers(kind: str, below: int) -> list[int]:
    return [number(kind, n) % below for n in range(_LISTED)]
