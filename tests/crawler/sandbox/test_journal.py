from dataclasses import replace
from pathlib import Path

import pytest

from crawler.sandbox.journal import Journal, JournalError
from crawler.sandbox.parameters import ChainParameters

PARAMETERS = ChainParameters(seed=3, genesis_time_ms=1_000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def written(path: Path) -> Journal:
    journal = Journal(path, PARAMETERS, 40)
    journal.append(5_000)
    journal.append(6_000)
    journal.close()
    return journal


def test_a_journal_remembers_its_chain_and_its_live_blocks(path: Path):
    written(path)
    later = replace(PARAMETERS, genesis_time_ms=99_000)

    reopened = Journal(path, later, 70)
    reopened.close()

    assert (reopened.parameters, reopened.height) == (PARAMETERS, 40)
    assert reopened.live_times_ms == [5_000, 6_000]


@pytest.mark.parametrize("cut", range(1, 8))
def test_a_torn_last_line_is_dropped_and_the_next_one_is_whole(path: Path, cut: int):
    written(path)
    path.write_bytes(path.read_bytes()[:-cut])

    torn = Journal(path, PARAMETERS, 40)
    torn.append(7_000)
    torn.close()
    again = Journal(path, PARAMETERS, 40)
    again.close()

    assert torn.live_times_ms == ([5_000] if cut <= len("6000\n") else [])
    assert again.live_times_ms == [*torn.live_times_ms, 7_000]


def test_a_journal_torn_in_its_first_line_starts_anew(path: Path):
    path.write_text('{"height": 4')

    journal = Journal(path, PARAMETERS, 40)
    journal.close()

    assert (journal.height, journal.live_times_ms) == (40, [])


def test_a_journal_of_another_chain_is_refused_by_name(path: Path):
    written(path)

    with pytest.raises(JournalError, match="was made with seed 3, not 4"):
        Journal(path, replace(PARAMETERS, seed=4), 40)


@pytest.mark.parametrize("text", ["no journal\n", "[]\n", "{}\n", '{"height":1,"speed":2}\n'])
def test_a_file_that_is_no_journal_is_refused_and_left_alone(path: Path, text: str):
    path.write_text(text)

    with pytest.raises(JournalError, match="is no sandbox journal"):
        Journal(path, PARAMETERS, 40)
    assert path.read_text() == text


def test_a_line_that_is_no_time_is_refused(path: Path):
    written(path)
    path.write_text(path.read_text() + "soon\n")

    with pytest.raises(JournalError, match="a line that is no time: soon"):
        Journal(path, PARAMETERS, 40)
