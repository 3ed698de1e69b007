import pytest
from sqlalchemy import create_engine, select, text

from casper_dash.api.app import create_app
from casper_dash.queries import blocks as block_queries
from crawler.models.chain import BLOCK
from tests.casper_dash.api.clients import asking
from tests.databases import engine_of
from tests.factories import block

pytestmark = pytest.mark.anyio

NOWHERE = "mysql+pymysql://nobody:secret@127.0.0.1:1/nothing"


def assert_problem(answer, status, title, detail):
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
    }


async def test_a_wrong_parameter_is_a_problem_with_its_errors(client):
    answer = await client.get("/api/v1/blocks?limit=0")

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "limit: '0' is not a whole number from 1 to 1000",
        "errors": [
            {
                "parameter": "limit",
                "detail": "'0' is not a whole number from 1 to 1000",
                "allowed": "a whole number from 1 to 1000",
            }
        ],
    }


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/api/v1/blocks/7", "there is no block 7, or not yet"),
        ("/api/v1/blocks/latest", "there is no block latest, or not yet"),
        (f"/api/v1/blocks/{'0' * 64}", f"there is no block {'0' * 64}, or not yet"),
        ("/api/v1/eras/0", "there is no era 0, or not yet"),
        ("/api/v1/eras/current", "there is no era current, or not yet"),
        ("/api/v1/eras/latest", "there is no era latest, or not yet"),
        ("/api/v1/blokcs", "there is no /api/v1/blokcs: see /api/docs"),
        ("/api/v1/blocks/", "there is no /api/v1/blocks/: see /api/docs"),
        ("/elsewhere", "there is no /elsewhere"),
    ],
)
async def test_what_is_not_there_is_404(client, path, detail):
    assert_problem(await client.get(path), 404, "Not Found", detail)


async def test_a_form_that_no_list_has_is_406(client):
    answer = await client.get("/api/v1/blocks", headers={"Accept": "text/html"})

    detail = "this answer can be had as application/json, text/csv, application/x-ndjson"
    assert_problem(answer, 406, "Not Acceptable", detail)


async def test_one_row_is_json_alone(client, stored):
    stored(blocks=[block(0)])

    answer = await client.get("/api/v1/blocks/0", headers={"Accept": "text/csv"})

    assert_problem(answer, 406, "Not Acceptable", "this answer can be had as application/json")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_other_methods_are_405_with_those_allowed(client, method):
    answer = await client.request(method, "/api/v1/blocks")

    assert_problem(
        answer, 405, "Method Not Allowed", f"{method} is not answered here, only GET, HEAD"
    )
    assert answer.headers["allow"] == "GET, HEAD"


async def test_options_answers_a_browsers_question_before_a_cross_origin_request(client):
    answer = await client.options("/api/v1/blocks")

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize("path", ["/api/v1/blocks", "/api/v1/network", "/api/v1/eras/1"])
async def test_while_the_database_is_away_it_is_503_with_retry_after(network, path):
    engine = engine_of(NOWHERE)
    async with asking(create_app(engine, network)) as client:
        answer = await client.get(path)

    assert_problem(answer, 503, "Service Unavailable", "the database cannot be reached")
    assert answer.headers["retry-after"] == "5"


async def test_a_database_without_tables_is_503_too(client, engine):
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE block RENAME TO gone"))
    try:
        answer = await client.get("/api/v1/blocks")
    finally:
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE gone RENAME TO block"))

    assert answer.status_code == 503


async def test_the_database_is_asked_again_as_soon_as_it_is_back(network, tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'no' / 'folder.db'}")
    async with asking(create_app(engine, network)) as client:
        away = await client.get("/api/v1/blocks")
        (tmp_path / "no").mkdir()
        back = await client.get("/readyz")
    engine.dispose()

    assert away.status_code == 503
    assert back.json()["detail"].startswith("schema is at nothing")


async def test_a_bug_is_500_without_its_traceback(client, monkeypatch, stored):
    stored(blocks=[block(0)])
    monkeypatch.setattr(block_queries, "_BLOCKS", select(BLOCK.height))

    answer = await client.get("/api/v1/blocks")

    assert_problem(
        answer, 500, "Internal Server Error", "/api/v1/blocks: something went wrong here"
    )


@pytest.mark.mysql
async def test_a_statement_that_the_database_refuses_is_a_bug_and_no_outage(
    migrated_mysql, network, monkeypatch
):
    monkeypatch.setattr(block_queries, "_BLOCKS", select())

    async with asking(create_app(migrated_mysql, network)) as client:
        answer = await client.get("/api/v1/blocks")

    assert answer.status_code == 500
