import pytest
from starlette.responses import PlainTextResponse

from casper_dash.api.app import create_app
from tests.casper_dash.api.clients import asking

pytestmark = pytest.mark.anyio


async def front(scope, receive, send):
    await PlainTextResponse(f"page {scope['path']}")(scope, receive, send)


@pytest.fixture
async def client(engine, network, clock):
    async with asking(create_app(engine, network, front=front, clock=clock)) as http:
        yield http


@pytest.mark.parametrize("path", ["/", "/blocks", "/apiary"])
async def test_the_front_answers_every_path_that_is_not_the_apis(client, path):
    answer = await client.get(path)

    assert answer.text == f"page {path}"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/", 404),
        ("POST", "/api/v1/blocks", 405),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
    ],
)
async def test_the_front_gets_none_of_the_apis_paths(client, method, path, status):
    answer = await client.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"].endswith("json")
