import httpx
import pytest
from sqlalchemy import select

from casper_dash.api.app import create_app
from casper_dash.api.operation import Operation
from casper_dash.queries import blocks as block_queries
from crawler.models.chain import BLOCK
from tests.casper_dash.api.clients import asking
from tests.factories import block

pytestmark = pytest.mark.anyio


async def scraped(client):
    """Sample → value."""
    lines = (await client.get("/metrics")).text.splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


async def test_requests_are_counted_by_route_status_and_cache(client, stored):
    stored(blocks=[block(0), block(1)])
    for path in ("blocks/0", "blocks/0", "blocks/1", "blocks/77", "blocks", "what"):
        await client.get(f"/api/v1/{path}")

    samples = await scraped(client)

    name = 'api_requests_total{{cache="{}",route="{}",status="{}"}}'.format
    assert samples[name("hit", "/api/v1/blocks/{block}", 200)] == "1.0"
    assert samples[name("miss", "/api/v1/blocks/{block}", 200)] == "2.0"
    assert samples[name("miss", "/api/v1/blocks/{block}", 404)] == "1.0"
    assert samples[name("miss", "/api/v1/blocks", 200)] == "1.0"
    assert samples[name("miss", "other", 404)] == "1.0"
    assert samples['api_request_seconds_count{route="/api/v1/blocks/{block}"}'] == "4.0"


async def test_a_bug_is_counted_too(client, stored, monkeypatch):
    stored(blocks=[block(0)])
    monkeypatch.setattr(block_queries, "_BLOCKS", select(BLOCK.height))

    assert (await client.get("/api/v1/blocks")).status_code == 500

    samples = await scraped(client)
    name = 'api_requests_total{cache="miss",route="/api/v1/blocks",status="500"}'
    assert samples[name] == "1.0"


async def test_no_client_can_make_new_labels(client):
    for number in range(50):
        await client.get(f"/api/v1/{number}?x={number}", headers={"Accept": f"a/{number}"})
        await client.get(f"/{number}")
        await client.get(f"/api/v1/blocks/{number}/{number}")

    samples = await scraped(client)

    assert len([name for name in samples if name.startswith("api_requests_total")]) <= 3


async def test_pool_and_listeners_are_told(client, engine):
    samples = await scraped(client)

    assert samples["api_listeners"] == "0.0"
    assert samples['api_pool_connections{place="source"}'] == "0.0"


async def test_replicas_are_told(engine, network):
    app = create_app(engine, network, operation=Operation(replicas=(engine,)))
    async with asking(app) as client:
        samples = await scraped(client)

    assert samples['api_replica_read{place="replica 1"}'] == "0.0"
    assert 'api_replica_lag_seconds{place="replica 1"}' not in samples


async def status(app, *, host="127.0.0.1", headers=None):
    transport = httpx.ASGITransport(app, client=(host, 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://dash.test") as client:
        return (await client.get("/metrics", headers=headers)).status_code


@pytest.mark.parametrize(
    ("host", "headers", "expected"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.0.0.1", {}, 403),
        ("unix", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("127.0.0.1", {"X-Forwarded-Host": "dash"}, 403),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 403),
        ("127.0.0.1", {"X-Real-IP": "127.0.0.1"}, 403),
        ("127.0.0.1", {"Authorization": "Bearer "}, 200),
    ],
)
async def test_without_a_token_this_machine_alone_may_read(
    migrated_sqlite, network, host, headers, expected
):
    app = create_app(migrated_sqlite, network)

    assert await status(app, host=host, headers=headers) == expected


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [("Bearer secret", 200), ("Bearer secre", 401), ("secret", 401), ("", 401), ("Bearer é", 401)],
)
async def test_with_a_token_whoever_has_it_may_read(
    migrated_sqlite, network, authorization, expected
):
    app = create_app(migrated_sqlite, network, operation=Operation(metrics_token="secret"))
    headers = {"Authorization": authorization.encode(), "X-Forwarded-For": "10.0.0.1"}

    assert await status(app, host="10.0.0.1", headers=headers) == expected
