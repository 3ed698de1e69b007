"""The OpenAPI document of the admin's API, made from what is declared."""

from collections.abc import Sequence
from typing import Any

import msgspec

from casper_dash.api.admin_v1.action import Action
from casper_dash.api.admin_v1.reading import Reading
from casper_dash.api.forms import JSON
from casper_dash.api.openapi import openapi
from casper_dash.api.problems import MEDIA_TYPE

_SCHEMAS = "#/components/schemas/{name}"
_PROBLEM = {"schema": {"$ref": _SCHEMAS.format(name="problem")}}
_REFUSED = {
    "401": "No token or session that is good.",
    "403": "The role is too low, the token lacks the scope, or a page of another origin asks.",
}
_FAILURES = {
    "400": "A field is unknown, missing or not allowed, or the wish is wrong in itself.",
    **_REFUSED,
    "404": "There is no such thing.",
    "409": "Somebody else was faster, or a rule is against it: `changes` names who, what, when.",
    "413": "The body is too long.",
    "415": "The body is not application/json.",
    "429": "Too many requests: try again after Retry-After.",
    "503": "The database is away: try again after Retry-After.",
}
_INFO = {
    "title": "Casper Dash admin API",
    "version": "1",
    "description": "For people who may use the admin panel, and their programs. Amounts are"
    " strings of whole motes, times RFC 3339 in UTC, hashes lower-case hex.",
}
_WAYS_IN = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token: cdash_…"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-session",
        "description": "Of whoever is signed in to the panel; a change needs its Origin, too.",
    },
}


def document(readings: Sequence[Reading], actions: Sequence[Action]) -> dict[str, Any]:
    """Every path, whom it is for, and what it takes."""
    described = openapi([each.resource for each in readings])
    described["info"] = _INFO
    described["security"] = [{way: []} for way in _WAYS_IN]
    for reading in readings:
        resource = reading.resource
        for path in (resource.path, resource.item_path):
            if path in described["paths"]:
                _guard(described["paths"][path]["get"], reading.need.words)
    bodies, schemas = msgspec.json.schema_components(
        [each.body for each in actions], ref_template=_SCHEMAS
    )
    for action, body in zip(actions, bodies, strict=True):
        described["paths"].setdefault(action.path, {})["post"] = _operation(action, body)
    components = described["components"]
    components["schemas"] |= schemas
    components["securitySchemes"] = _WAYS_IN
    return described


def _guard(operation: dict[str, Any], words: str) -> None:
    operation["description"] = words
    operation["responses"] |= _described(_REFUSED)


def _operation(action: Action, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": action.name,
        "summary": action.summary,
        "description": action.need.words,
        "parameters": [
            {
                "name": each.name,
                "in": "path",
                "required": True,
                "description": f"{each.description} Allowed: {each.kind.allowed}.",
                "schema": each.kind.schema,
            }
            for each in action.within
        ],
        "requestBody": {"required": True, "content": {JSON: {"schema": body}}},
        "responses": {
            str(action.status): {
                "description": "What was done.",
                "content": {JSON: {"schema": {"type": "object"}}},
            },
            **_described(_FAILURES),
        },
    }


def _described(failures: dict[str, str]) -> dict[str, Any]:
    content = {MEDIA_TYPE: _PROBLEM}
    return {status: {"description": text, "content": content} for status, text in failures.items()}
