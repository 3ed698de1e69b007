import re
from html import unescape

import pytest

from casper_dash.api.docs import docs_page
from casper_dash.api.document import document as described


@pytest.fixture(scope="module")
def document(network):
    return described(network)


def test_the_page_names_every_path_parameter_and_field(document):
    text = unescape(docs_page(document))

    for path, item in document["paths"].items():
        assert f"GET {path}" in text
        for parameter in item["get"]["parameters"]:
            assert f"<code>{parameter['name']}</code>" in text
    for name in ("block", "era", "network"):
        for field in document["components"]["schemas"][name]["properties"]:
            assert f"<code>{field}</code>" in text


def test_the_page_loads_nothing_from_elsewhere(document):
    page = docs_page(document)

    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!/api/)', page) == []


def test_what_a_declaration_says_is_text_and_no_markup(document):
    hostile = document | {"info": {"title": "<b>", "description": "a & b"}}

    page = docs_page(hostile)

    assert "<h1>&lt;b&gt;</h1><p>a &amp; b</p>" in page


@pytest.mark.anyio
async def test_the_page_is_served(client):
    answer = await client.get("/api/docs")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")
