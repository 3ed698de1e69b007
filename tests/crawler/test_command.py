"""`python -m crawler`: exit codes, one clear line on a mistake, never a traceback."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, func, select

from crawler.database import transact
from crawler.models.chain import BLOCK, Block
from crawler.sandbox.chain import Chain
from crawler.sandbox.networkfile import network_file
from crawler.sandbox.running import running
from tests.crawler.crawls import SMALL, chain_of, differences
from tests.databases import on_server

ROOT = Path(__file__).parents[2]


def environment(**settings: str) -> dict[str, str]:
    """Only these settings, besides what any process needs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {"PYTHONPATH": str(ROOT), "CRAWL_WORKERS": "1"} | settings


def crawler(*arguments: str, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crawler", *arguments],
        env=environment(**settings),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_one_line(done: subprocess.CompletedProcess[str], told: str) -> None:
    """The command failed with one line that says so."""
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("crawler: ")]
    assert len(lines) == 1
    assert lines[0] == done.stderr.splitlines()[-1]
    assert told in lines[0]
    assert done.returncode == 1


def url_of(engine: Engine) -> str:
    return engine.url.set(query={}).render_as_string(hide_password=False)


@pytest.fixture
def network_path(chain: Chain, tmp_path: Path) -> str:
    path = tmp_path / "network.toml"
    path.write_text(network_file(chain.parameters), encoding="utf-8")
    return str(path)


def test_a_crawl_to_the_head_and_its_proof(
    engine: Engine, chain: Chain, network_path: str, tmp_path: Path
):
    settings = {"DATABASE_URL": url_of(engine), "NETWORK": network_path}
    with running(chain, nodes=2) as nodes:
        settings |= {"RPC_NODES": ",".join(nodes.urls), "INDEXED_VALIDATORS": "all"}
        crawled = crawler("run", "--once", cwd=tmp_path, CRAWL_WORKERS="2", **settings)

    era = chain.head.header.era_id
    assert crawled.stdout == f"held to block {chain.height} of era {era}\n"
    assert crawled.returncode == 0
    assert differences(engine, chain) == {}

    proven = crawler("check", cwd=tmp_path, **settings)
    assert proven.stdout.startswith(f"checked {chain.height + 1} blocks")
    assert proven.stdout.endswith("no fault\n")
    assert proven.returncode == 0

    transact(engine, lambda session: session.execute(delete(Block).where(BLOCK.height == 50)))
    refuted = crawler("check", cwd=tmp_path, **settings)
    assert refuted.stdout.startswith("block 50 is missing\n")
    assert refuted.returncode == 1
    assert "Traceback" not in refuted.stderr


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL: no database address"),
        ({"RPC_TIMEOUT": "soon"}, "RPC_TIMEOUT: "),
        ({"DATABASE_URL": "sqlite:////no/such/folder/x.db"}, "unable to open database file"),
        ({"DATABASE_URL": "mysql+pymysql://u:p@127.0.0.1:1/x"}, "Can't connect to MySQL server"),
        ({"NETWORK": "nowhere"}, "NETWORK=nowhere: neither a bundled network"),
        ({"NETWORK": "casper"}, "RPC_NODES: empty, and the network 'casper' names no nodes"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(
    tmp_path: Path, settings: dict[str, str], told: str
):
    defaults = {"RPC_NODES": "http://127.0.0.1:1/rpc"} if "NETWORK" not in settings else {}
    assert_one_line(crawler("run", "--once", cwd=tmp_path, **(defaults | settings)), told)


def test_certificates_that_are_none_stop_the_start_with_one_line(tmp_path: Path):
    (tmp_path / "ca.pem").write_text("no certificate")
    done = crawler(
        "run",
        cwd=tmp_path,
        DATABASE_URL="mysql+pymysql://u:p@127.0.0.1:1/x",
        DATABASE_CA=str(tmp_path / "ca.pem"),
        RPC_NODES="http://127.0.0.1:1/rpc",
    )

    assert_one_line(done, "DATABASE_CA: no certificates in ")


def test_without_an_answering_node_the_crawl_ends_with_the_reason(
    tmp_path: Path, network_path: str
):
    done = crawler(
        "run", "--once", cwd=tmp_path, NETWORK=network_path, RPC_NODES="http://127.0.0.1:1/rpc"
    )

    assert_one_line(done, "fewer than 1 usable nodes agree on a head: http://127.0.0.1:1/rpc: ")


def test_a_proof_needs_a_database_with_tables(tmp_path: Path):
    done = crawler("check", cwd=tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/new.db")

    assert_one_line(done, "schema is at nothing")


def test_a_database_of_another_network_is_refused(tmp_path: Path, filled_sqlite: Engine):
    done = crawler(
        "run",
        cwd=tmp_path,
        DATABASE_URL=url_of(filled_sqlite),
        NETWORK="casper",
        RPC_NODES="http://127.0.0.1:1/rpc",
    )

    assert_one_line(done, "the database holds the network 'casper-sandbox'")


def test_a_file_that_was_damaged_is_told_in_one_line(
    filled_sqlite: Engine, network_path: str, tmp_path: Path
):
    """Its first page says what tables there are; pages of `transfer` are not what they were."""
    filled_sqlite.dispose()
    path = Path(filled_sqlite.url.database)
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))
    done = crawler("check", cwd=tmp_path, DATABASE_URL=f"sqlite:///{path}", NETWORK=network_path)

    assert_one_line(done, f"database sqlite:///{path}: database disk image is malformed")


@pytest.mark.mysql
@pytest.mark.parametrize("command", ["check", "export"])
def test_a_table_that_may_not_be_read_is_told_in_one_line(
    filled_mysql: Engine, network_path: str, tmp_path: Path, command: str
):
    name = filled_mysql.url.database
    user = f"u{name.rpartition('_')[2]}"
    on_server(f"CREATE USER '{user}'@'127.0.0.1' IDENTIFIED BY 'top-secret'")
    try:
        for table in ("alembic_version", "crawl_state", "derive_state", "era_touch", "block"):
            on_server(f"GRANT SELECT ON {name}.{table} TO '{user}'@'127.0.0.1'")
        url = filled_mysql.url.set(username=user, password="top-secret", query={})
        done = crawler(
            *(command, *(["out"] if command == "export" else [])),
            cwd=tmp_path,
            DATABASE_URL=url.render_as_string(hide_password=False),
            NETWORK=network_path,
        )
    finally:
        on_server(f"DROP USER '{user}'@'127.0.0.1'")

    assert_one_line(done, "SELECT command denied to user")
    assert "top-secret" not in done.stderr


@pytest.mark.parametrize("command", [[], ["run"], ["check"], ["sandbox"]])
def test_every_command_has_help(tmp_path: Path, command: list[str]):
    done = crawler(*command, "--help", cwd=tmp_path)

    assert done.stdout.startswith("usage: python -m crawler")
    assert done.returncode == 0


@pytest.mark.parametrize("arguments", [["nonsense"], [], ["run", "--twice"]])
def test_a_wrong_command_line_says_what_is_allowed(tmp_path: Path, arguments: list[str]):
    done = crawler(*arguments, cwd=tmp_path)

    assert done.stderr.startswith("usage: python -m crawler")
    assert done.returncode == 2


def test_a_crawl_for_ever_follows_the_head_until_it_is_told_to_stop(
    migrated_sqlite: Engine, tmp_path: Path
):
    chain = chain_of(30, **SMALL)
    (tmp_path / "network.toml").write_text(network_file(chain.parameters), encoding="utf-8")
    with running(chain) as nodes:
        process = subprocess.Popen(
            [sys.executable, "-m", "crawler", "run"],
            env=environment(
                DATABASE_URL=url_of(migrated_sqlite),
                NETWORK=str(tmp_path / "network.toml"),
                RPC_NODES=nodes.urls[0],
            ),
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                assert held(migrated_sqlite, 31)
                nodes.advance(5)
                assert held(migrated_sqlite, 36)
                process.send_signal(signal.SIGTERM)
                _, errors = process.communicate(timeout=20)
            finally:
                process.kill()

    assert process.returncode == 0
    assert "Traceback" not in errors


def held(engine: Engine, blocks: int) -> bool:
    """Whether so many blocks are held soon."""
    deadline = time.monotonic() + 30
    question = select(func.count()).select_from(BLOCK.height.table)
    while time.monotonic() < deadline:
        if transact(engine, partial(_answer, question=question)) == blocks:
            return True
        time.sleep(0.1)
    return False


def _answer(session, question) -> int:
    return session.execute(question).scalar_one()
