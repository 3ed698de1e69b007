"""How many requests a client may make, and who is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casper_dash.api.app import create_app
from casper_dash.api.buckets import Buckets, customer_of
from casper_dash.api.operation import Operation
from crawler.database import write_session
from tests.casper_dash.api.clients import asking
from tests.factories import block, store

pytestmark = pytest.mark.anyio

PROXY = "127.0.0.1"
BY = "X-Forwarded-For"
BLOCK = "/api/v1/blocks/0"
NO_BLOCK = "/api/v1/blocks/1"
A_MINUTE = 6


@pytest.fixture
async def client(migrated_sqlite, network, clock):
    """Its requests come through a trusted proxy, on behalf of whom the header says."""
    operation = Operation(requests_a_minute=A_MINUTE, trusted_proxies=(PROXY,))
    async with asking(create_app(migrated_sqlite, network, clock=clock, operation=operation)) as it:
        it.headers[BY] = "192.0.2.1"
        yield it


async def spend(client, **options):
    return [(await client.get(NO_BLOCK, **options)).status_code for _ in range(A_MINUTE)]


async def test_who_asks_too_often_is_told_when_to_ask_again(client, clock):
    assert await spend(client) == [404] * A_MINUTE

    answer = await client.get(NO_BLOCK)

    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "10"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["detail"] == "too many requests: ask again in 10 s"
    clock.pass_time(9.9)
    assert (await client.get(NO_BLOCK)).status_code == 429
    clock.pass_time(0.1)
    assert [(await client.get(NO_BLOCK)).status_code for _ in range(2)] == [404, 429]


async def test_every_answer_tells_the_quota_and_what_is_left_of_it(client, clock):
    first, second = await client.get(NO_BLOCK), await client.get(NO_BLOCK)

    assert first.headers["ratelimit-policy"] == '"default";q=6;w=60'
    assert first.headers["ratelimit"] == '"default";r=5;t=10'
    assert second.headers["ratelimit"] == '"default";r=4;t=20'
    assert "RateLimit" in second.headers["access-control-expose-headers"]
    await spend(client)
    assert (await client.get(NO_BLOCK)).headers["ratelimit"] == '"default";r=0;t=60'


async def test_ready_answers_cost_next_to_nothing(client, migrated_sqlite):
    with write_session(migrated_sqlite) as session:
        store(session, blocks=[block(0)])
    await client.get(BLOCK)

    answers = [await client.get(BLOCK) for _ in range(20)]

    assert {answer.status_code for answer in answers} == {200}
    assert answers[-1].headers["ratelimit"].startswith('"default";r=4;')


@pytest.mark.parametrize(
    "forwarded",
    [
        "192.0.2.2",
        "192.0.2.1, 192.0.2.2",
        "2001:db8::1",
        "::ffff:192.0.2.2",
        "1.1.1.1, x, 192.0.2.2",
    ],
)
async def test_another_client_is_not_counted_with_the_first(client, forwarded):
    await spend(client)

    answer = await client.get(NO_BLOCK, headers={BY: forwarded})

    assert answer.status_code == 404


@pytest.mark.parametrize("forwarded", ["9.9.9.9, 192.0.2.1", "192.0.2.1, 127.0.0.1"])
async def test_what_a_client_writes_into_the_header_itself_makes_it_no_other(client, forwarded):
    await spend(client)

    assert (await client.get(NO_BLOCK, headers={BY: forwarded})).status_code == 429


async def test_behind_no_trusted_proxy_the_header_says_nothing(migrated_sqlite, network, clock):
    operation = Operation(requests_a_minute=A_MINUTE, trusted_proxies=("10.0.0.0/8",))
    app = create_app(migrated_sqlite, network, clock=clock, operation=operation)

    async with asking(from_address(app, "192.0.2.7")) as client:
        answers = [
            (await client.get(NO_BLOCK, headers={BY: f"192.0.2.{number}"})).status_code
            for number in range(A_MINUTE + 1)
        ]

    assert answers == [404] * A_MINUTE + [429]


def from_address(app, address):
    async def asked(scope, receive, send):
        await app(scope | {"client": (address, 1)}, receive, send)

    return asked


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/api/v0/health", "/nothing"])
async def test_health_and_what_is_not_the_apis_is_never_limited(client, path):
    await spend(client)

    answer = await client.get(path)

    assert answer.status_code != 429
    assert "ratelimit" not in answer.headers


async def test_this_machine_itself_is_not_limited(client):
    del client.headers[BY]

    assert await spend(client) + await spend(client) == [404] * 2 * A_MINUTE


async def test_0_is_no_limit(migrated_sqlite, network):
    app = create_app(migrated_sqlite, network, operation=Operation())
    async with asking(from_address(app, "192.0.2.7")) as client:
        answer = await client.get(NO_BLOCK)

    assert "ratelimit" not in answer.headers


async def test_v0_says_so_in_its_own_form(client):
    await spend(client)

    answer = await client.get("/api/v0/block")

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
    assert answer.json()["error"] == {
        "statusCode": 429,
        "name": "TooManyRequestsError",
        "message": "Too many requests: ask again in 10 s.",
    }


def test_however_many_clients_come_only_so_many_are_remembered():
    buckets = Buckets(size=1, per_s=1, now=lambda: 0.0, most=100)
    for number in range(1000):
        buckets.take(str(number))

    assert len(buckets) == 100
    assert buckets.wait_s("999") > 0


@given(st.lists(st.tuples(st.floats(-5, 60), st.sampled_from("ab"), st.floats(-1, 3)), max_size=50))
def test_nobody_gets_more_than_the_bucket_and_what_time_gives_back(steps):
    time, taken, passed = 0.0, {"a": 0.0, "b": 0.0}, 0.0
    buckets = Buckets(size=10, per_s=0.5, now=lambda: time)
    for seconds, key, tokens in steps:
        time += seconds
        passed += max(seconds, 0)
        if buckets.wait_s(key) <= 0 or tokens < 0:
            buckets.take(key, tokens)
            taken[key] += tokens

    for key in taken:
        assert buckets.used(key) >= 0
        assert taken[key] <= 10 + passed * 0.5 + 3


def test_an_ipv6_customers_addresses_are_one_client():
    assert customer_of("2001:db8::1") == customer_of("2001:db8::2")
    assert customer_of("2001:db8::1") != customer_of("2001:db8:0:1::1")
