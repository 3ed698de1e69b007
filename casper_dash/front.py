"""Serves an exported front end. Never imports Reflex: a server starts without it.

Every file is read once, with its compressed variants (some megabytes in all), so an answer is a
look-up and no path from outside ever reaches the disk. A new export needs a new `front`.
"""

import hashlib
import json
import mimetypes
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_ENCODINGS = {".br": "br", ".zst": "zstd", ".gz": "gzip"}
_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_API_URL = re.compile(r'apiUrl: (".*?")')
_YEAR = "public, max-age=31536000, immutable"
_SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}


@dataclass(frozen=True)
class _File:
    """One file of the export: its bytes by encoding ("" is plain), and its headers."""

    bodies: Mapping[str, bytes]
    headers: Mapping[str, str]

    def best_encoding(self, accepted: Mapping[str, float]) -> str:
        """The smallest variant that the client takes."""
        usable = [one for one in self.bodies if not one or accepted.get(one, accepted.get("*", 0))]
        return min(usable, key=lambda one: len(self.bodies[one]))


def front(folder: Path) -> ASGIApp:
    """The exported `folder` as an ASGI app, to be mounted last, at "/".

    Raises FileNotFoundError, naming the file, when `folder` is no export.
    """
    files = _read(folder)
    for needed in ("index.html", "404.html", "config.js"):
        if f"/{needed}" not in files:
            raise FileNotFoundError(f"{folder / needed} is missing: the front end is not built")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"the front end answers HTTP only, not {scope['type']}")
        await _answer(files, scope)(scope, receive, send)

    return app


def _answer(files: Mapping[str, _File], scope: Scope) -> Response:
    if scope["method"] not in ("GET", "HEAD"):
        return Response(status_code=405, headers={"Allow": "GET, HEAD"} | _SAFE_HEADERS)
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    file = _find(files, path)
    request = Headers(scope=scope)
    if file is None:
        return _respond(files["/404.html"], request, status=404)
    return _respond(file, request, status=200)


def _find(files: Mapping[str, _File], path: str) -> _File | None:
    """The file of an address; `/eras`, `/eras/` and `/eras.html` are one page."""
    bare = path.rstrip("/")
    candidates = (path, f"{bare}/index.html", f"{bare}.html")
    return next((files[name] for name in candidates if name in files), None)


def _respond(file: _File, request: Headers, *, status: int) -> Response:
    encoding = file.best_encoding(_accepted(request.get("accept-encoding", "")))
    headers = dict(file.headers)
    if encoding:
        headers["Content-Encoding"] = encoding
        # A strong tag names bytes, and each variant has its own.
        headers["ETag"] = f'{headers["ETag"][:-1]}-{encoding}"'
    if status == 200 and headers["ETag"] in request.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(file.bodies[encoding], status_code=status, headers=headers)


def _accepted(header: str) -> dict[str, float]:
    """`gzip;q=0.5, br` → weight by encoding."""
    weights = {}
    for item in header.lower().split(","):
        name, _, weight = item.strip().partition(";q=")
        try:
            weights[name.strip()] = float(weight or 1)
        except ValueError:
            weights[name.strip()] = 0.0
    return weights


def _read(folder: Path) -> dict[str, _File]:
    policy_extra = _api_origin(folder / "config.js")
    return {
        f"/{path.relative_to(folder).as_posix()}": _file(path, folder, policy_extra)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in _ENCODINGS and not path.name.startswith(".")
    }


def _file(path: Path, folder: Path, api_origin: str) -> _File:
    plain = path.read_bytes()
    bodies = {"": plain}
    for suffix, encoding in _ENCODINGS.items():
        variant = path.with_name(path.name + suffix)
        if variant.exists():
            bodies[encoding] = variant.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind.endswith(("javascript", "json"))
    headers = {
        "Content-Type": f"{kind}; charset=utf-8" if text else kind,
        "Cache-Control": _YEAR if path.parent == folder / "assets" else "no-cache",
        "ETag": f'"{hashlib.sha256(plain).hexdigest()[:20]}"',
        "Vary": "Accept-Encoding",
    } | _SAFE_HEADERS
    if path.suffix == ".html":
        headers["Content-Security-Policy"] = _policy(plain.decode(), api_origin)
    return _File(bodies, headers)


def _policy(html: str, api_origin: str) -> str:
    """Nothing from third parties; of inline scripts only those of this very page."""
    hashes = {_hash_source(script) for script in _INLINE_SCRIPT.findall(html)}
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {' '.join(sorted(hashes))}".rstrip(),
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src 'self' {api_origin}".rstrip(),
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _hash_source(script: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _api_origin(config: Path) -> str:
    """The origin of the API that `config.js` names; "" for the page's own."""
    found = _API_URL.search(config.read_text("utf-8")) if config.exists() else None
    url = urlsplit(json.loads(found[1])) if found else urlsplit("")
    return f"{url.scheme}://{url.netloc}" if url.netloc else ""
