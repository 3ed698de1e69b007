"""How an export is served: what may be cached, compressed, framed or run."""

import gzip
import re
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from casper_dash.front import front

_INLINE = "let a = 1;\nlet b = '<';"
_HTML = f'<html><script src="/config.js"></script><script type="module">{_INLINE}</script></html>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(_HTML)
    (tmp_path / "404.html").write_text("<p>nothing here")
    (tmp_path / "eras.html").write_text("<p>eras")
    (tmp_path / "config.js").write_text('globalThis.casperDash = { apiUrl: "" };')
    (tmp_path / "assets" / "app-1.js").write_text("run()" * 100)
    (tmp_path / "assets" / "app-1.js.gz").write_bytes(gzip.compress(b"run()" * 100))
    (tmp_path / "assets" / "app-1.js.br").write_bytes(b"x" * 20)
    (tmp_path / ".built-from").write_text("secret")
    return tmp_path


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def get(folder: Path, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=front(folder))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(transport=transport, base_url="http://front") as client:
        return await client.request(method, path, headers={"accept-encoding": ""} | named)


pytestmark = pytest.mark.anyio


async def test_hashed_assets_are_kept_for_a_year_and_pages_asked_for_again(folder: Path):
    asset = await get(folder, "/assets/app-1.js")

    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    for path in ("/", "/config.js", "/eras"):
        assert (await get(folder, path)).headers["cache-control"] == "no-cache"


async def test_an_unchanged_page_is_answered_304_without_a_body(folder: Path):
    tag = (await get(folder, "/")).headers["etag"]

    again = await get(folder, "/", if_none_match=tag)

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag


async def test_the_smallest_variant_that_the_client_takes_is_sent(folder: Path):
    plain = await get(folder, "/assets/app-1.js")
    gzipped = await get(folder, "/assets/app-1.js", accept_encoding="gzip, br;q=0")
    anything = await get(folder, "/assets/app-1.js", accept_encoding="gzip, *;q=0.1")

    assert "content-encoding" not in plain.headers
    assert (gzipped.headers["content-encoding"], gzipped.text) == ("gzip", plain.text)
    assert gzipped.headers["vary"] == "Accept-Encoding"
    assert gzipped.headers["etag"] != plain.headers["etag"]
    assert len({r.headers["content-type"] for r in (plain, gzipped)}) == 1
    assert anything.headers["content-encoding"] in ("br", "gzip")


async def test_only_the_pages_own_inline_scripts_may_run(folder: Path):
    policy = (await get(folder, "/")).headers["content-security-policy"]

    allowed = b64encode(sha256(_INLINE.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{allowed}';" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"unsafe-inline|unsafe-eval|https?:|\*", policy)


async def test_an_api_elsewhere_may_be_connected_to(folder: Path):
    (folder / "config.js").write_text('globalThis.casperDash = { apiUrl: "https://a.example/b" };')

    policy = (await get(folder, "/")).headers["content-security-policy"]

    assert "connect-src 'self' https://a.example;" in policy


async def test_every_answer_forbids_sniffing(folder: Path):
    for path in ("/", "/config.js", "/assets/app-1.js", "/nowhere"):
        assert (await get(folder, path)).headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/eras", "/eras/", "/eras.html"])
async def test_a_page_answers_with_and_without_slash(folder: Path, path: str):
    assert (await get(folder, path)).text == "<p>eras"


@pytest.mark.parametrize("path", ["/nowhere", "/.built-from", "/../pyproject.toml", "/assets/"])
async def test_what_is_no_page_gets_the_404_page(folder: Path, path: str):
    answer = await get(folder, path)

    assert (answer.status_code, answer.text) == (404, "<p>nothing here")


async def test_a_head_request_has_the_headers_alone(folder: Path):
    page = await get(folder, "/")

    head = await get(folder, "/", method="HEAD")

    assert head.content == b""
    assert head.headers["content-length"] == page.headers["content-length"]


async def test_other_methods_are_refused(folder: Path):
    answer = await get(folder, "/", method="POST")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_a_folder_that_is_no_export_is_named(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"index\.html is missing"):
        front(tmp_path)


def test_serving_does_not_import_reflex():
    code = "import sys, casper_dash.front, casper_dash.export; sys.exit('reflex' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
