"""/api/docs: the OpenAPI document as one page for people, without script or outside asset."""

from collections.abc import Sequence
from html import escape
from typing import Any

from casper_dash.api.forms import JSON

PATH = "/api/docs"

_STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
section { overflow-x: auto; }
table { border-collapse: collapse; margin: 0.5rem 0 2rem; }
th, td { border-top: 1px solid; padding: 0.25rem 1rem 0.25rem 0; text-align: left;
  vertical-align: top; }
"""


def docs_page(document: dict[str, Any]) -> str:
    """The page of an OpenAPI document."""
    info = document["info"]
    sections = [_path(path, item["get"], document) for path, item in document["paths"].items()]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(info['title'])}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(info['title'])}</h1><p>{escape(info['description'])}</p>"
        '<p>For programs: <a href="/api/openapi.json">the OpenAPI document</a>.</p>'
        f"{''.join(sections)}</body></html>"
    )


def _path(path: str, operation: dict[str, Any], document: dict[str, Any]) -> str:
    shown = f"<code>GET {escape(path)}</code>"
    if "{" not in path:
        shown = f'<a href="{escape(path)}">{shown}</a>'
    parameters = [(each["name"], each["description"]) for each in operation["parameters"]]
    fields = _fields(operation, document)
    tables = f"{_table('Parameter', parameters)}{_table('Field', fields)}"
    return f"<section><h2>{escape(operation['summary'])}</h2><p>{shown}</p>{tables}</section>"


def _fields(operation: dict[str, Any], document: dict[str, Any]) -> list[tuple[str, str]]:
    """Of one row of the answer, whether it is a list or not; none where it is no JSON."""
    content = operation["responses"]["200"]["content"]
    if JSON not in content:
        return []
    schema = content[JSON]["schema"]
    data = schema.get("properties", {}).get("data", {})
    reference = schema.get("$ref") or data.get("items", {}).get("$ref")
    if reference is None:
        return []  # v0's, whose fields have no meanings of their own
    row = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return [(name, field["description"]) for name, field in row["properties"].items()]


def _table(head: str, rows: Sequence[tuple[str, str]]) -> str:
    if not rows:
        return ""
    lines = "".join(
        f'<tr><th scope="row"><code>{escape(name)}</code></th><td>{escape(text)}</td></tr>'
        for name, text in rows
    )
    return (
        f'<table><thead><tr><th scope="col">{head}</th><th scope="col">Meaning</th></tr></thead>'
        f"<tbody>{lines}</tbody></table>"
    )
