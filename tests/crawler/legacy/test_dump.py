import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.legacy import dump
from crawler.legacy.dump import read_dump
from crawler.staging.errors import OlderDataError
from tests.crawler.legacy.older_database import literal

HEAD = "CREATE TABLE `Price` (\n  `id` int NOT NULL,\n  `note` text,\n  PRIMARY KEY (`id`)\n);\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "dump.sql"
    path.write_text(text, newline="")
    return path


def rows(path: Path, *tables: str) -> list[tuple[str, str | None]]:
    return [(row["id"], row["note"]) for _, row in read_dump(path, tables or ("Price",))]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every value is torn apart by the pieces that the file is read in."""
    monkeypatch.setattr(dump, "_PIECE", 7)
    monkeypatch.setattr(dump, "_AHEAD", 100)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(notes=st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_any_text_is_read_as_it_was_written(small_pieces, tmp_path, notes):
    values = ",".join(f"({n},{literal(note)})" for n, note in enumerate(notes))
    path = written(tmp_path, f"{HEAD}INSERT INTO `Price` VALUES {values};\n")

    assert rows(path) == [(str(n), note) for n, note in enumerate(notes)]


@pytest.mark.parametrize(
    ("written_value", "value"),
    [
        ("'it''s'", "it's"),
        (r"'a\'b\\'", "a'b\\"),
        (r"'\n\t\0\Z\%'", "\n\t\0\x1a%"),
        ("_binary 'x'", "x"),
        ("0x4142", "AB"),
        ("-1.5e-05", "-1.5e-05"),
        ("'),(9,'", "),(9,"),
        ("';DROP TABLE x;--'", ";DROP TABLE x;--"),
        ("NULL", None),
    ],
)
def test_values_are_read_in_every_form(written_value, value, tmp_path):
    path = written(tmp_path, f"{HEAD}INSERT INTO `Price` VALUES (1,{written_value});\n")

    assert rows(path) == [("1", value)]


def test_other_statements_comments_and_tables_are_passed_over(tmp_path):
    path = written(
        tmp_path,
        "-- it's a comment; with 'quotes\n/*!40101 SET NAMES utf8 */;\n# another '\n"
        "DROP TABLE IF EXISTS `x`;\nLOCK TABLES `User` WRITE;\n"
        "INSERT INTO `User` VALUES (1,'a;b\\'c'),(2,'(');\n"
        f"{HEAD}INSERT INTO `Price` VALUES (1,'a');\nUNLOCK TABLES;\n",
    )

    assert rows(path) == [("1", "a")]


def test_columns_can_be_listed_and_tables_named_in_lower_case(tmp_path):
    path = written(tmp_path, "INSERT INTO `price` (`note`, `id`) VALUES ('a',1);")

    assert rows(path) == [("1", "a")]


def test_a_packed_dump_is_read(tmp_path):
    path = tmp_path / "dump.sql.gz"
    path.write_bytes(gzip.compress(f"{HEAD}INSERT INTO `Price` VALUES (1,'a');".encode()))

    assert rows(path) == [("1", "a")]


@pytest.mark.parametrize("end", range(len(HEAD) + 1, len(HEAD) + 40, 3))
def test_a_dump_that_is_cut_off_is_refused(end, tmp_path):
    whole = f"{HEAD}INSERT INTO `Price` VALUES (1,'abc'),(2,'d');\n"
    path = written(tmp_path, whole[: min(end, len(whole) - 3)])

    with pytest.raises(OlderDataError, match="cut off"):
        rows(path)


def test_a_dump_that_lacks_its_last_line_is_refused(tmp_path):
    head = "-- MySQL dump 10.13\n" + HEAD
    whole = head + "\n-- Dump completed on 2022-06-23"

    assert rows(written(tmp_path, whole)) == []
    with pytest.raises(OlderDataError, match="cut off"):
        rows(written(tmp_path, head))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"INSERT INTO `Price` VALUES (1,'a');", "before its columns"),
        (HEAD.encode() + b"INSERT INTO `Price` VALUES (1);", "1 values for 2 columns"),
        (HEAD.encode() + b"INSERT INTO `Price` VALUES (1,SLEEP(9));", "no SQL dump"),
        (HEAD.encode() + b"INSERT INTO `Price` VALUES (1,'\xff');", "not UTF-8"),
        (gzip.compress(HEAD.encode() * 999, mtime=0)[:60], "end-of-stream"),
        (b"PAR1 something else", "no SQL dump"),
    ],
)
def test_what_is_no_dump_is_refused_in_one_line(content, reason, tmp_path):
    path = tmp_path / "dump.sql"
    path.write_bytes(content)

    with pytest.raises(OlderDataError, match=reason) as refusal:
        rows(path)
    assert "\n" not in str(refusal.value)


def test_a_missing_dump_is_refused(tmp_path):
    with pytest.raises(OlderDataError, match="No such file"):
        rows(tmp_path / "none.sql")


def test_a_value_without_end_does_not_fill_the_memory(monkeypatch, tmp_path):
    monkeypatch.setattr(dump, "_LONGEST", 1 << 16)
    monkeypatch.setattr(dump, "_PIECE", 1 << 10)
    path = written(tmp_path, f"{HEAD}INSERT INTO `Price` VALUES (1,'{'a' * (1 << 20)}');")

    with pytest.raises(OlderDataError, match="longer value"):
        rows(path)
