"""An evidence pack proves its figure on a machine that has nothing but Python."""

import io
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from casper_dash.decisions.errors import Refused
from casper_dash.decisions.evidence import evidence_pack, public_key
from casper_dash.decisions.recompute import is_signed
from casper_dash.decisions.schedule import Step, save_schedule, stage_schedule
from casper_dash.keys import Keys
from casper_dash.queries.supply import SupplyFilter, supply
from crawler.network import Treasury
from tests import factories
from tests.casper_dash.decisions.curating import BO, CSPR, Desk
from tests.factories import GENESIS

KEYS = Keys("a secret that only this test knows, of some length")


@pytest.fixture
def published(desk: Desk) -> Desk:
    """Two publications; the newer one has another schedule and takes a transfer back."""
    desk.stage("approve", (5, 0), (17, 0), by=BO, reason='=1+1, "quoted", ä')
    desk.stage("reject", (17, 3))
    desk.publish_staged()
    steps = [Step(GENESIS, 30 * CSPR), Step(GENESIS + timedelta(minutes=5), 15 * CSPR)]
    number = desk.do(save_schedule, desk.network, steps, desk.deed(), seen=None)
    desk.do(stage_schedule, number, desk.deed())
    desk.stage("reject", (17, 0))
    desk.stage("approve", (99, 0))
    desk.publish_staged()
    return desk


def unpacked(desk: Desk, folder: Path, era_id: int, publication: int | None = None) -> Path:
    pack = desk.ask(evidence_pack, desk.network, KEYS, era_id, publication)
    zipfile.ZipFile(io.BytesIO(pack)).extractall(folder)
    return folder


def run(folder: Path, *arguments: str) -> tuple[int, list[str]]:
    """Exit code and lines of the pack's own script, without this project in reach."""
    command = [sys.executable, "-I", str(folder / "recompute.py"), *arguments]
    done = subprocess.run(
        command, cwd=folder, env={}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_the_script_prints_what_the_api_serves(published: Desk, tmp_path: Path):
    for era_id in (2, 9):
        folder = unpacked(published, tmp_path / str(era_id), era_id)
        code, lines = run(folder, "--key", public_key(KEYS))
        served = published.ask(supply, SupplyFilter(era_id=era_id))

        assert code == 0
        assert lines[0] == f"files: as signed with {public_key(KEYS)}"
        assert lines[1:4] == [
            f"transfers: {served.transfers} motes",
            f"unlocks: {served.unlocks} motes",
            f"rewards: {served.rewards} motes",
        ]
        assert lines[4] == f"circulating supply of era {era_id}: {served.circulating} motes"


def test_an_earlier_publication_is_proven_as_it_was(published: Desk, tmp_path: Path):
    code, lines = run(unpacked(published, tmp_path, 9, publication=1))

    assert (code, lines[1]) == (0, f"transfers: {4 * CSPR} motes")
    assert '"decided_by": "Bo"' in (tmp_path / "transfers.jsonl").read_text()


def test_a_treasury_counts_in_the_script_as_it_does_here(desk_on_sqlite: Desk, tmp_path: Path):
    desk = desk_on_sqlite
    issues = (Treasury(era=4, amount=1, purse="a"), Treasury(era=6, amount=100, purse="b"))
    desk.network = desk.network.model_copy(update={"treasuries": issues})
    desk.stage("approve", (5, 0))
    desk.publish_staged()
    code, lines = run(unpacked(desk, tmp_path, 8))

    total = factories.era(8)["total_supply"]
    assert (code, lines[3]) == (0, f"rewards: {total - desk.network.genesis_supply - 1} motes")


def test_the_same_pack_is_the_same_bytes(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    packs = [desk.ask(evidence_pack, desk.network, KEYS, 3) for _ in range(2)]

    assert packs[0] == packs[1]


def test_one_other_byte_anywhere_is_told(desk_on_sqlite: Desk, tmp_path: Path):
    desk = desk_on_sqlite
    desk.stage("approve", (5, 0))
    desk.publish_staged()
    folder = unpacked(desk, tmp_path / "pack", 3)
    for path in sorted(folder.iterdir()):
        right = path.read_bytes()
        # of the script, a byte of its first line: it has to run to say so
        place = 5 if path.name == "recompute.py" else len(right) // 2
        path.write_bytes(right[:place] + bytes([right[place] ^ 1]) + right[place + 1 :])
        code, lines = run(folder)
        assert code == 1, path.name
        assert lines[-1].startswith("NOT PROVEN: "), path.name
        path.write_bytes(right)

    assert run(folder)[0] == 0


def test_another_publishers_pack_is_told(desk_on_sqlite: Desk, tmp_path: Path):
    folder = unpacked(desk_on_sqlite, tmp_path, 3)
    code, lines = run(folder, "--key", public_key(Keys("another secret")))

    assert (code, lines) == (
        1,
        [f"NOT PROVEN: signed with {public_key(KEYS)}, not with the key that you named"],
    )


@pytest.mark.parametrize(("era_id", "publication"), [(99, None), (3, 7), (-1, None)])
def test_what_was_not_published_has_no_evidence(desk_on_sqlite: Desk, era_id, publication):
    with pytest.raises(Refused):
        desk_on_sqlite.ask(evidence_pack, desk_on_sqlite.network, KEYS, era_id, publication)


@settings(max_examples=10)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=50), st.integers(0, 511))
def test_the_scripts_signatures_are_the_librarys(secret: bytes, message: bytes, bit: int):
    key = Ed25519PrivateKey.from_private_bytes(secret)
    public, signature = key.public_key(), key.sign(message)
    wrong = bytearray(signature)
    wrong[bit // 8] ^= 1 << bit % 8

    assert is_signed(public.public_bytes_raw(), message, signature)
    assert not is_signed(public.public_bytes_raw(), message, bytes(wrong))
    with pytest.raises(InvalidSignature):
        public.verify(bytes(wrong), message)
