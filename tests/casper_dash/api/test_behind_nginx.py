"""A real nginx in front of a real API server: what it keeps, and what never."""

import os
import shutil
import time

import httpx
import pytest

from crawler.database import write_session
from tests.casper_dash.api.servers import api_server, free_port, running
from tests.databases import engine_of
from tests.factories import block, crawl_state, derive_state, era, era_supply, store

CONFIGURATION = """
daemon off;
master_process off;
error_log {folder}/error.log warn;
pid {folder}/nginx.pid;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_cache_path {folder}/cache keys_zone=api:1m;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://127.0.0.1:{upstream};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_cache api;
            proxy_cache_lock on;
            add_header X-Cache $upstream_cache_status always;
        }}
    }}
}}
"""


@pytest.fixture(scope="module")
def database(migrated_file, tmp_path_factory):
    file = shutil.copy(migrated_file, tmp_path_factory.mktemp("nginx") / "chain.db")
    engine = engine_of(f"sqlite:///{file}")
    with write_session(engine) as session:
        store(
            session,
            blocks=[block(height) for height in range(10)],
            eras=[era(0)],
            supplies=[era_supply(0)],
            crawl=[crawl_state(9)],
            derive=[derive_state()],
        )
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def nginx(database, tmp_path_factory):
    """A client of nginx, in front of `casper_dash api`."""
    if shutil.which("nginx") is None:
        assert os.environ.get("CI_REQUIRE_ALL") != "1", "nginx is not installed"
        pytest.skip("nginx is not installed")
    folder, upstream, port = tmp_path_factory.mktemp("cache"), free_port(), free_port()
    file = folder / "nginx.conf"
    file.write_text(CONFIGURATION.format(folder=folder, upstream=upstream, port=port))
    address = f"http://127.0.0.1:{port}"
    with (
        api_server(upstream, DATABASE_URL=str(database.url)),
        running(["nginx", "-c", str(file), "-p", str(folder)], address),
        httpx.Client(base_url=address) as client,
    ):
        yield client


def test_a_block_is_kept_and_comes_from_the_cache(nginx):
    first, second = nginx.get("/api/v1/blocks/3"), nginx.get("/api/v1/blocks/3")

    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("MISS", "HIT")
    assert first.json() == second.json()
    assert first.headers["etag"] == second.headers["etag"]


def test_nginx_confirms_what_it_keeps_by_its_etag(nginx):
    etag = nginx.get("/api/v1/blocks/4").headers["etag"]

    answer = nginx.get("/api/v1/blocks/4", headers={"If-None-Match": etag})

    assert (answer.status_code, answer.headers["x-cache"]) == (304, "HIT")


def test_each_form_and_encoding_is_kept_apart(nginx):
    path = "/api/v1/blocks?to=8"
    forms = [
        {"Accept": "application/json", "Accept-Encoding": "identity"},
        {"Accept": "text/csv", "Accept-Encoding": "identity"},
        {"Accept": "application/json", "Accept-Encoding": "gzip"},
    ]

    answers = [nginx.get(path, headers=headers) for headers in forms for _ in range(2)]

    assert [answer.headers["x-cache"] for answer in answers] == ["MISS", "HIT"] * 3
    assert answers[3].text.startswith("height,")
    assert answers[5].headers["content-encoding"] == "gzip"
    assert answers[5].json() == answers[1].json()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/blocks/77", 404),
        ("/api/v1/blocks?limit=0", 400),
        ("/api/v1/flow", 400),
        ("/metrics", 403),
        ("/readyz", 200),
    ],
)
def test_errors_and_what_may_not_be_kept_are_asked_for_each_time(nginx, path, status):
    answers = [nginx.get(path) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [status] * 2
    assert [answer.headers["x-cache"] for answer in answers] == ["MISS"] * 2


def test_a_new_block_comes_through_soon(nginx, database):
    assert nginx.get("/api/v1/blocks/latest").json()["height"] == 9
    with write_session(database) as session:
        store(session, blocks=[block(10)])

    for _ in range(200):
        if nginx.get("/api/v1/blocks/latest").json()["height"] == 10:
            break
        time.sleep(0.1)

    assert nginx.get("/api/v1/blocks/latest").json()["height"] == 10


def test_events_come_through_as_they_happen(nginx):
    with nginx.stream("GET", "/api/v1/events") as answer:
        lines = answer.iter_lines()
        names = [next(line for line in lines if line.startswith("event:")) for _ in range(3)]

    assert sorted(names) == ["event: block", "event: era", "event: supply"]
