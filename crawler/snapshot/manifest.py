"""manifest.json of a snapshot: whose history it is, how far it goes, which files, which checksums.

SnapshotError      the folder is no snapshot, is damaged, or is not this database's
"""

import hashlib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

MANIFEST = "manifest.json"
_PIECE = 1 << 20

FileName = Annotated[str, StringConstraints(pattern=r"^[a-z_]+/[0-9]{12}\.parquet$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


class SnapshotError(Exception):
    """A snapshot cannot be written or read; the message is one line that names file or reason."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class File(_Strict):
    """One Parquet file."""

    name: FileName
    rows: Count
    bytes: Count
    sha256: Digest


class TableFiles(_Strict):
    """A table's files, by rising key."""

    rows: Count
    files: list[File]


class Manifest(_Strict):
    """What a snapshot says about itself."""

    format: int
    network: str
    schema_revision: str
    crawl_from: Count
    first_height: Count
    last_height: Count
    depth_to: Annotated[int, Field(ge=-1)]
    """Transfers up to this height have their depth; -1: none."""
    publication: Count
    """The one whose figures are shown."""
    stale_eras: list[Count]
    """Eras whose figures were behind their blocks."""
    tables: dict[str, TableFiles]


def read_manifest(folder: Path, newest_format: int) -> Manifest:
    """The manifest, well-formed; the files are not looked at. Raises SnapshotError."""
    path = folder / MANIFEST
    try:
        text = path.read_bytes()
    except OSError as error:
        raise SnapshotError(f"{folder} is no snapshot: {MANIFEST}: {error.strerror}") from error
    found = _format(text)
    if found is not None and found > newest_format:
        raise SnapshotError(
            f"{folder}: format {found} is newer than {newest_format}, which this release reads"
        )
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"]) or MANIFEST
        raise SnapshotError(f"{path}: {place}: {fault['msg']}") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes it in the one form that equal manifests share."""
    text = manifest.model_dump_json(indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def describe(folder: Path, name: str, rows: int) -> File:
    """The manifest's entry of a file that is written."""
    path = folder / name
    return File(name=name, rows=rows, bytes=path.stat().st_size, sha256=_sha256(path))


def verify_files(folder: Path, manifest: Manifest) -> None:
    """Reads every file once. Raises SnapshotError naming the first that is not as written."""
    for table, part in manifest.tables.items():
        if part.rows != sum(file.rows for file in part.files):
            raise SnapshotError(f"{folder / MANIFEST}: {table}: its files' rows do not add up")
        for file in part.files:
            _verify(folder / file.name, file)


def _verify(path: Path, file: File) -> None:
    try:
        size = path.stat().st_size
        if size != file.bytes:
            raise SnapshotError(f"{path}: {size} bytes, the manifest says {file.bytes}")
        if _sha256(path) != file.sha256:
            raise SnapshotError(f"{path}: its checksum is not the manifest's")
    except OSError as error:
        raise SnapshotError(f"{path}: {error.strerror}") from error


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


class _Any(BaseModel):
    format: int | None = None


def _format(text: bytes) -> int | None:
    try:
        return _Any.model_validate_json(text).format
    except ValidationError:
        return None
