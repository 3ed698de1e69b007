"""Building the front end: what is built when, and what a failure or an interruption leaves."""

import contextlib
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from casper_dash import export
from casper_dash.export import ROOT, ExportError, build, ensure_built


@pytest.fixture(scope="module")
def exported() -> Path:
    folder = ROOT / ".build" / "front"
    ensure_built(folder)
    return folder


def test_an_unchanged_front_end_is_not_built_again(exported: Path, capsys):
    assert ensure_built(exported) is False
    assert capsys.readouterr().out == ""


def test_a_changed_source_or_api_address_is_a_reason_to_build():
    digest = export._digest(export.PAGES, "")
    page = ROOT / "casper_dash" / "pages" / "overview.py"

    assert page in export._source_files(export.PAGES)
    assert export._digest(export.PAGES, "https://api.example") != digest
    assert export._digest(export.PAGES, "") == digest


def test_every_file_that_a_page_names_is_there_in_three_encodings(exported: Path):
    names = re.findall(r'"/(assets/[^"]+\.(?:js|css))"', (exported / "index.html").read_text())

    assert len(names) > 5
    for name in names:
        assert (exported / name).is_file()
        if (exported / name).stat().st_size > 256:
            for suffix in (".gz", ".br", ".zst"):
                assert (exported / f"{name}{suffix}").is_file()


def test_the_exported_page_can_be_read_before_any_script_runs(exported: Path):
    html = (exported / "index.html").read_text()

    for landmark in ("<header", "<nav", "<main", "<footer", "<h1>", 'lang="en"'):
        assert landmark in html


def test_no_exported_file_names_a_third_party_to_load_from(exported: Path):
    html = (exported / "index.html").read_text()

    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)


def test_the_first_view_weighs_less_than_a_photo(exported: Path):
    html = (exported / "index.html").read_text()
    names = set(re.findall(r'"/(assets/[^"]+\.(?:js|css))"', html))

    sent = sum(_compressed_size(exported / name) for name in names)

    assert sent < 180_000, "scripts and styles before the charts, in bytes of brotli"


def _compressed_size(file: Path) -> int:
    packed = file.with_name(f"{file.name}.br")
    return (packed if packed.exists() else file).stat().st_size


def test_the_lock_names_no_registry():
    for file in (ROOT / "reflex.lock").iterdir():
        assert '"resolved"' not in file.read_text()


def test_the_apis_address_is_written_into_the_export(tmp_path: Path, exported: Path):
    (tmp_path / "config.js").write_text((exported / "config.js").read_text())

    export._write_config(tmp_path, "https://api.example")

    assert 'apiUrl: "https://api.example"' in (tmp_path / "config.js").read_text()


def test_a_page_without_landmarks_is_refused(tmp_path: Path):
    (tmp_path / "index.html").write_text("<html><script src='/config.js'></script></html>")

    with pytest.raises(ExportError, match=r"index\.html has no <header"):
        export._check(tmp_path, export.PAGES)


def test_a_page_that_names_a_missing_script_is_refused(tmp_path: Path, exported: Path):
    (tmp_path / "index.html").write_text((exported / "index.html").read_text())

    with pytest.raises(ExportError, match=r"index.html names /assets/.*, not there"):
        export._check(tmp_path, export.PAGES)


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(ExportError, match="neither empty nor an earlier export"):
        build(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_missing_node_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ExportError, match="node and npm are missing"):
        build(tmp_path / "front")
    assert not (tmp_path / "front").exists()


def test_an_unreachable_registry_is_one_clear_line():
    line = export._reason("npm error code ENOTFOUND\nnpm error network", "http://npm.example/")

    assert line.startswith("npm cannot reach its registry http://npm.example/ (ENOTFOUND)")
    assert "\n" not in line


def test_a_failed_build_says_its_error_in_one_line():
    line = export._reason("Traceback\n  ...\nValueError: no such trigger\nHappened in index\n", "")

    assert line.startswith("the front end's build failed: ValueError: no such trigger (")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_build_leaves_the_old_export_and_no_process(
    tmp_path: Path, how: signal.Signals
):
    target = tmp_path / "front"
    target.mkdir()
    (target / ".built-from").write_text("an earlier one")
    code = f"import pathlib, casper_dash.export as e; e.build(pathlib.Path({str(target)!r}))"
    command = [sys.executable, "-c", code]
    child = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)

    builder = _wait_for_child(child.pid)
    child.send_signal(how)
    child.wait(timeout=30)

    assert child.returncode != 0
    assert [path.name for path in tmp_path.iterdir()] == ["front"]
    assert (target / ".built-from").read_text() == "an earlier one"
    for _ in range(100):  # what was killed may take a moment to die
        if not _members(builder):
            break
        time.sleep(0.05)
    assert _members(builder) == []


def _members(group: int) -> list[int]:
    """Processes of a group, without those that are dead and only not collected yet."""
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # ended while we looked
            state, _, of_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(of_group) == group and state not in "ZX":
                members.append(int(stat.parent.name))
    return members


def _wait_for_child(parent: int) -> int:
    """The process id of Reflex's child process, which leads the builders' group."""
    children = Path(f"/proc/{parent}/task/{parent}/children")
    for _ in range(3_000):  # a build of another test may hold the lock
        for pid in children.read_text().split():
            if b"reflex" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
        time.sleep(0.02)
    raise AssertionError("the build started no child process")
