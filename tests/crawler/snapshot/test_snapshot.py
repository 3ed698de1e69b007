import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, inspect, select, update

from crawler.check import check
from crawler.database import DatabaseUnusable, write_session
from crawler.derive.progress import derive_all
from crawler.models.chain import BLOCK, KNOWN_ACCOUNT, KnownAccount
from crawler.models.decisions import Approval
from crawler.models.feeds import LearntNode
from crawler.models.figures import EraSupply
from crawler.models.table import Base, table_of
from crawler.models.work import CRAWL_RANGE
from crawler.network import Network
from crawler.ranges import plan
from crawler.recrawl import recrawl
from crawler.sandbox.networkfile import network_file
from crawler.sandbox.running import running
from crawler.snapshot.export import export_snapshot
from crawler.snapshot.layout import PARTS, RESET, Part
from crawler.snapshot.load import import_snapshot
from crawler.snapshot.manifest import MANIFEST, SnapshotError
from crawler.staging import ImportFailed, remove_remains
from tests.crawler.crawls import crawl_of, differences
from tests.databases import dump, tables_of

OWN_STATE = {"crawl_range", "crawl_state", "derive_state", "era_touch"}
STAYS = {"learnt_node", "price_gap", "lease", "job_order", "job_run", "node_state", "node_order"}
"""What a machine knows of its nodes, sources and jobs."""
DRAFTS = {"curation", "staging", "staged_decision", "staged_change", "transfer_comment"}
DRAFTS |= {"schedule_version", "schedule_step", "label", "label_change", "proposal"}
"""What curators prepare, for nobody else's eyes."""
AWKWARD = "tab\t, line\n, \\N, 'quote', \"two\", \x01, 🦀 and %s"


@pytest.fixture
def folder(filled_sqlite: Engine, network: Network, tmp_path: Path) -> Path:
    """A snapshot of the whole chain."""
    folder = tmp_path / "snapshot"
    export_snapshot(filled_sqlite, network, folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_exported_imported_and_exported_again_the_files_are_identical(
    folder, engine, network, tmp_path
):
    import_snapshot(engine, network, folder)
    export_snapshot(engine, network, tmp_path / "again")

    assert contents(tmp_path / "again") == contents(folder)


def test_an_imported_database_holds_the_same_rows_and_has_no_fault(
    folder, filled_sqlite, engine, network
):
    import_snapshot(engine, network, folder)

    facts = [table.name for table in tables_of(engine) if table.name not in OWN_STATE]
    assert dump(engine, *facts) == dump(filled_sqlite, *facts)
    assert check(engine, network).faults == []


def test_an_import_leaves_the_schema_as_the_migrations_made_it(folder, engine, network):
    def schema():
        inspector = inspect(engine)
        return {
            name: (
                inspector.get_columns(name).__repr__(),
                sorted(index["name"] for index in inspector.get_indexes(name)),
                inspector.get_pk_constraint(name)["constrained_columns"],
            )
            for name in inspector.get_table_names()
        }

    before = schema()
    import_snapshot(engine, network, folder)

    assert schema() == before


def test_free_text_survives(filled_sqlite, engine, network, tmp_path):
    with write_session(filled_sqlite) as session:
        session.execute(update(KnownAccount).values(name=AWKWARD, comment=2 * AWKWARD))
    export_snapshot(filled_sqlite, network, tmp_path / "snapshot")
    import_snapshot(engine, network, tmp_path / "snapshot")

    with engine.connect() as connection:
        texts = set(connection.execute(select(KNOWN_ACCOUNT.name, KNOWN_ACCOUNT.comment)))
    assert texts == {(AWKWARD, 2 * AWKWARD)}


def test_a_crawl_goes_on_from_an_import_and_fills_what_is_missing(
    filled_sqlite, engine, network, chain, tmp_path
):
    with write_session(filled_sqlite) as session:
        recrawl(session, 20, 29)
        recrawl(session, 90, 101)
    derive_all(filled_sqlite, network)
    export_snapshot(filled_sqlite, network, tmp_path / "snapshot")
    import_snapshot(engine, network, tmp_path / "snapshot")

    with engine.connect() as connection:
        missing = connection.execute(select(CRAWL_RANGE.first, CRAWL_RANGE.last)).all()
    assert {height for low, high in missing for height in range(low, high + 1)} == set(
        range(20, 30)
    )
    with running(chain) as nodes:
        crawl_of(engine, network, nodes.urls).to_head()
    assert differences(engine, chain) == {}
    assert check(engine, network).faults == []


def test_figures_that_were_behind_their_blocks_are_worked_out_after_an_import(
    filled_sqlite, engine, network, tmp_path
):
    with write_session(filled_sqlite) as session:
        recrawl(session, 100, 101)
    export_snapshot(filled_sqlite, network, tmp_path / "snapshot")
    import_snapshot(engine, network, tmp_path / "snapshot")
    derive_all(engine, network)

    assert check(engine, network).faults == []


def test_every_table_is_in_a_snapshot_or_left_out_on_purpose():
    named = {part.table.name for part in PARTS} | {table.name for table in RESET}

    models = (each for each in Base.__subclasses__() if each.__module__.startswith("crawler."))
    tables = {each.__tablename__ for each in models}
    assert tables - named == STAYS | DRAFTS
    assert named <= tables


def test_what_a_publication_under_way_has_written_is_in_no_snapshot(
    filled_sqlite, network, folder, tmp_path
):
    unseen = {"height": 1, "index": 0, "publication": 1, "era_id": 0, "approved": True}
    supply = {"publication": 1, "era_id": 0, "transfers": 1, "unlocks": 0, "rewards": 0}
    with write_session(filled_sqlite) as session:
        session.execute(insert(Approval), [unseen])
        session.execute(insert(EraSupply), [supply])
    export_snapshot(filled_sqlite, network, tmp_path / "again")

    assert contents(tmp_path / "again") == contents(folder)


def test_files_are_cut_at_fixed_heights_whatever_is_held():
    part = Part(table_of(KnownAccount), 100)

    assert list(part.lows(250, 499)) == [200, 300, 400]
    assert list(part.lows(200, 300)) == [200, 300]


# What is refused changes nothing.


def damage_last_byte(folder: Path) -> None:
    path = next(folder.glob("transfer/*.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")


def cut_off(folder: Path) -> None:
    path = next(folder.glob("block/*.parquet"))
    path.write_bytes(path.read_bytes()[:-100])


def remove_file(folder: Path) -> None:
    next(folder.glob("era/*.parquet")).unlink()


def change_manifest(folder: Path, change) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    change(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest))


def claim_other_rows(folder: Path) -> None:
    def change(manifest):
        manifest["tables"]["block"]["rows"] += 1
        manifest["tables"]["block"]["files"][0]["rows"] += 1

    change_manifest(folder, change)


def swap_tables(folder: Path) -> None:
    def change(manifest):
        tables = manifest["tables"]
        tables["era"], tables["block"] = tables["block"], tables["era"]

    change_manifest(folder, change)


REFUSED = {
    "checksum": (damage_last_byte, "checksum is not the manifest's"),
    "cut off": (cut_off, "bytes, the manifest says"),
    "file missing": (remove_file, "No such file"),
    "no manifest": (lambda folder: (folder / MANIFEST).unlink(), "is no snapshot"),
    "garbage": (lambda folder: (folder / MANIFEST).write_text("{"), "Invalid JSON"),
    "newer format": (
        lambda folder: change_manifest(folder, lambda m: m.update(format=2)),
        "format 2 is newer than 1",
    ),
    "unknown table": (
        lambda folder: change_manifest(
            folder, lambda m: m["tables"].update(wallet={"rows": 0, "files": []})
        ),
        "'wallet'",
    ),
    "path out of the folder": (
        lambda folder: change_manifest(
            folder, lambda m: m["tables"]["block"]["files"][0].update(name="../secret")
        ),
        "tables.block.files.0.name",
    ),
    "other rows": (claim_other_rows, "not the columns and rows"),
    "other columns": (swap_tables, "not the columns and rows"),
    "no blocks": (
        lambda folder: change_manifest(folder, lambda m: m["tables"].pop("block")),
        "holds no blocks",
    ),
    "another last height": (
        lambda folder: change_manifest(folder, lambda m: m.update(last_height=500)),
        "does not end with block 500",
    ),
    "other network": (
        lambda folder: change_manifest(folder, lambda m: m.update(network="casper")),
        "is of the network 'casper'",
    ),
}


@pytest.mark.parametrize(("spoil", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_a_spoilt_snapshot_is_refused_in_one_line(spoil, reason, folder, migrated_sqlite, network):
    spoil(folder)
    before = dump(migrated_sqlite)

    with pytest.raises(SnapshotError) as refusal:
        import_snapshot(migrated_sqlite, network, folder)
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert dump(migrated_sqlite) == before


def test_a_database_that_holds_blocks_is_refused(folder, filled, network):
    before = dump(filled)

    with pytest.raises(ImportFailed, match="holds blocks already"):
        import_snapshot(filled, network, folder)
    assert dump(filled) == before


def test_what_a_machine_knows_of_its_nodes_stays(folder, engine, network):
    with write_session(engine) as session:
        session.add(LearntNode(url="http://a/rpc", ask_after=datetime(2026, 1, 1, tzinfo=UTC)))
    before = dump(engine, "learnt_node")
    import_snapshot(engine, network, folder)

    assert dump(engine, "learnt_node") == before


KILLED = """
import os, signal, sys
from pathlib import Path
from crawler.network import load_network
from crawler.snapshot.load import import_snapshot
from crawler.staging.mysql import MysqlStaging
from crawler.staging.sqlite import SqliteStaging
from tests.databases import engine_of

kind = SqliteStaging if sys.argv[1].startswith("sqlite") else MysqlStaging
left = int(sys.argv[4])

def dying(step):
    def taken(*arguments):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        step(*arguments)
    return taken

kind.load, kind.merge = dying(kind.load), dying(kind.merge)
import_snapshot(engine_of(sys.argv[1]), load_network(sys.argv[2]), Path(sys.argv[3]))
"""


@pytest.mark.parametrize("steps", [0, 1, 6, 12])
def test_a_killed_import_leaves_the_database_as_it_was_and_the_next_one_succeeds(
    steps, folder, engine, network, chain, tmp_path
):
    file = tmp_path / "killed.toml"
    file.write_text(network_file(chain.parameters))
    before = dump(engine)
    url = engine.url.render_as_string(hide_password=False)
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, url, str(file), str(folder), str(steps)],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert dump(engine) == before
    assert remove_remains(engine)
    assert not [name for name in inspect(engine).get_table_names() if name.startswith("import_")]
    import_snapshot(engine, network, folder)
    assert check(engine, network).faults == []


# Export.


def test_an_export_into_a_folder_of_something_else_is_refused(filled_sqlite, network, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(SnapshotError, match="holds something else"):
        export_snapshot(filled_sqlite, network, tmp_path)
    assert contents(tmp_path)["thesis.txt"] == b"years of work"


def test_an_export_replaces_an_older_snapshot_and_what_a_killed_one_left(
    folder, filled_sqlite, network
):
    before = contents(folder)
    remains = folder.with_name(f".{folder.name}.partial")
    shutil.copytree(folder, remains)
    (folder / "block" / "stale.parquet").write_text("of an older snapshot")
    export_snapshot(filled_sqlite, network, folder)

    assert contents(folder) == before
    assert not remains.exists()


def test_a_database_without_blocks_is_not_exported(engine, network, tmp_path):
    with pytest.raises(SnapshotError, match="holds no block"):
        export_snapshot(engine, network, tmp_path / "snapshot")
    assert list(tmp_path.glob("*snapshot*")) == []


def test_another_networks_database_is_not_exported(filled_sqlite, network, tmp_path):
    other = network.model_copy(update={"name": "casper"})

    with pytest.raises(DatabaseUnusable, match="NETWORK names 'casper'"):
        export_snapshot(filled_sqlite, other, tmp_path / "snapshot")


def test_an_export_shows_one_state_while_blocks_come_in(filled, network, tmp_path):
    export_snapshot(filled, network, tmp_path / "before")
    with write_session(filled) as session:
        plan(session, 102, 110)
        heights = select(BLOCK.height)
        assert len(session.execute(heights).all()) == 102
    export_snapshot(filled, network, tmp_path / "after")

    assert contents(tmp_path / "after") == contents(tmp_path / "before")
