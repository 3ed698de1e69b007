import argparse

from crawler.check import check
from crawler.importing import add_import_arguments, run_import
from crawler.snapshot.command import add_export_arguments, run_export
from tests.crawler.legacy import older_database
from tests.crawler.legacy.older_database import write_dump
from tests.databases import engine_of


def options(add, *arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add(parser)
    return parser.parse_args(arguments)


def test_export_and_import_say_what_they_moved(filled_sqlite, database_url, network, tmp_path):
    folder = str(tmp_path / "snapshot")
    target = engine_of(database_url)
    written = run_export(options(add_export_arguments, folder), network, filled_sqlite)
    read = run_import(options(add_import_arguments, folder), network, target)

    assert written.startswith("exported blocks 0 to 101: ")
    assert read == ["imported 102 blocks, 0 to 101"]
    assert check(target, network).faults == []
    target.dispose()


def test_the_older_platform_is_told_from_a_snapshot(migrated_sqlite, network, chain, tmp_path):
    source = write_dump(tmp_path / "older.sql.gz", older_database.of_chain(chain))
    told = run_import(options(add_import_arguments, str(source)), network, migrated_sqlite)

    assert "read 102 rows of Block" in told
