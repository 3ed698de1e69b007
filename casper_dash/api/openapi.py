"""The OpenAPI 3.1 document, made from the resources' declarations."""

from collections.abc import Mapping, Sequence
from typing import Any

from casper_dash.api.forms import CSV, JSON, NDJSON
from casper_dash.api.item import item_parameters
from casper_dash.api.kinds import Schema, row_schema
from casper_dash.api.listing import listing_parameters
from casper_dash.api.parameters import Parameter
from casper_dash.api.problems import MEDIA_TYPE
from casper_dash.api.resource import Item, Listing, Resource

PATH = "/api/openapi.json"

_ERRORS = {
    "400": "A parameter is unknown, given twice or of a value that is not allowed.",
    "404": "There is no such thing, or not yet.",
    "406": "The answer has no form that Accept allows.",
    "414": "The address is too long.",
    "429": "This client has asked too often: try again after Retry-After.",
    "503": "The database is away: try again after Retry-After.",
}
_PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "parameter": {"type": "string"},
                    "detail": {"type": "string"},
                    "allowed": {"type": "string"},
                },
                "required": ["parameter", "detail", "allowed"],
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
}


def openapi(
    resources: Sequence[Resource],
    public_url: str = "",
    others: Mapping[str, Mapping[str, Any]] | None = None,
    other_schemas: Mapping[str, Schema] | None = None,
) -> dict[str, Any]:
    """The document; `public_url` is where the API is reached, empty for the document's origin.

    `others` describes paths that are no resource's, with references to `other_schemas`.
    """
    paths: dict[str, Any] = {}
    for resource in resources:
        if resource.listing is not None:
            paths[resource.path] = {"get": _listing(resource, resource.listing)}
        if resource.item is not None:
            paths[resource.item_path] = {"get": _item(resource, resource.item)}
    schemas = {resource.name: _schema(resource) for resource in resources}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Casper Dash API",
            "version": "1",
            "description": "Read-only and public. Amounts are strings of whole motes"
            " (1 CSPR = 1,000,000,000 motes), times RFC 3339 in UTC, hashes lower-case hex."
            " What is not known yet is null.",
        },
        "servers": [{"url": public_url.rstrip("/") or "/"}],
        "paths": paths | dict(others or {}),
        "components": {"schemas": {**schemas, **(other_schemas or {}), "problem": _PROBLEM}},
    }


def _schema(resource: Resource) -> Schema:
    return row_schema(resource.fields) | {"description": resource.description}


def _listing(resource: Resource, listing: Listing) -> dict[str, Any]:
    row = {"$ref": f"#/components/schemas/{resource.name}"}
    page = {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": row},
            "next": {
                "type": ["string", "null"],
                "description": "Give it back as cursor for the next page; null at the end.",
            },
        },
        "required": ["data", "next"],
    }
    return {
        "operationId": f"list_{resource.name}",
        "summary": listing.summary,
        "parameters": [
            *_in_path(listing.within),
            *(_parameter(each) for each in listing_parameters(resource, listing)),
        ],
        "responses": {
            "200": {
                "description": "One page as JSON; the whole selection as CSV or NDJSON.",
                "content": {
                    JSON: {"schema": page},
                    CSV.media_type: {"schema": {"type": "string"}},
                    NDJSON.media_type: {"schema": {"type": "string"}},
                },
            },
            **problems_described("400", "406", "414", "429", "503"),
        },
    }


def _item(resource: Resource, item: Item) -> dict[str, Any]:
    row = {"$ref": f"#/components/schemas/{resource.name}"}
    return {
        "operationId": f"get_{resource.name}",
        "summary": item.summary,
        "parameters": [
            *_in_path(item.parameter),
            *(_parameter(each) for each in item_parameters(resource)),
        ],
        "responses": {
            "200": {"description": resource.description, "content": {JSON: {"schema": row}}},
            **problems_described(*_ERRORS),
        },
    }


def _in_path(parameter: Parameter | None) -> list[dict[str, Any]]:
    if parameter is None:
        return []
    return [_parameter(parameter) | {"in": "path", "required": True}]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema = dict(parameter.kind.schema)
    if parameter.default is not None:
        read = parameter.kind.parse(parameter.default)
        schema["default"] = read
    return {
        "name": parameter.name,
        "in": "query",
        "description": f"{parameter.description} Allowed: {parameter.kind.allowed}.",
        "schema": schema,
        "required": parameter.required,
    }


def problems_described(*statuses: str) -> dict[str, Any]:
    """OpenAPI's description of these errors."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/problem"}}}
    return {status: {"description": _ERRORS[status], "content": content} for status in statuses}
