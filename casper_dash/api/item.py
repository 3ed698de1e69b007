"""Answers one row of a declared resource."""

from collections.abc import Callable
from datetime import datetime

import orjson
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from casper_dash.api.caching import PUBLIC_HEADERS
from casper_dash.api.database import Database
from casper_dash.api.forms import JSON
from casper_dash.api.kinds import render_row
from casper_dash.api.listing import Endpoint
from casper_dash.api.negotiation import acceptable
from casper_dash.api.parameters import Parameter, fields_parameter, read_query, read_value
from casper_dash.api.problems import NotAcceptable, NotFound
from casper_dash.api.resource import Item, Resource


def item_parameters(resource: Resource) -> tuple[Parameter, ...]:
    """The query parameters that one row's path takes."""
    own = resource.item.parameters if resource.item else ()
    return (*own, fields_parameter(resource.fields))


def item_endpoint(
    resource: Resource, item: Item, database: Database, clock: Callable[[], datetime]
) -> Endpoint:
    """What answers GET on one row's path. 404 names what there is none of."""
    parameters = item_parameters(resource)

    async def answer(request: Request) -> Response:
        values = read_query(request.scope["query_string"], parameters)
        if acceptable(request.headers.get("accept", ""), (JSON,)) is None:
            raise NotAcceptable((JSON,))
        fields = values.pop("fields", resource.fields)
        name = item.parameter
        text = request.path_params[name.name] if name else ""
        key = read_value(name, text) if name else None
        if item.wanted is not None:
            key = item.wanted(**({name.key: key} if name else {}), **values)

        def look_up(session: Session) -> Response:
            found = item.find(session, key, clock())
            if found is None:
                raise NotFound(f"there is no {resource.name} {text}, or not yet".replace("  ", " "))
            headers = {**PUBLIC_HEADERS, "Cache-Control": found.cache_control}
            body = orjson.dumps(render_row(fields, found.row))
            return Response(body, media_type=JSON, headers=headers)

        return await database.ask(look_up)

    return answer
