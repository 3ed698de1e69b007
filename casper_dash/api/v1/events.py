"""/api/v1/events: server-sent events, `block`, `era` and `supply`."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from casper_dash.api.caching import NO_STORE, PUBLIC_HEADERS
from casper_dash.api.listeners import Listeners, TooManyListeners
from casper_dash.api.listing import Endpoint
from casper_dash.api.negotiation import acceptable
from casper_dash.api.openapi import problems_described
from casper_dash.api.parameters import read_query
from casper_dash.api.problems import RETRY_AFTER_S, NotAcceptable, Problem

PATH = "/api/v1/events"

_MEDIA_TYPE = "text/event-stream"
# nginx would hold events back until its buffer is full
_HEADERS = {**PUBLIC_HEADERS, "Cache-Control": NO_STORE, "X-Accel-Buffering": "no"}


def events_endpoint(listeners: Listeners) -> Endpoint:
    """What answers with the newest of each event, and then with each as it comes."""

    async def answer(request: Request) -> Response:
        read_query(request.scope["query_string"], ())
        if acceptable(request.headers.get("accept", ""), (_MEDIA_TYPE,)) is None:
            raise NotAcceptable((_MEDIA_TYPE,))
        if request.method == "HEAD":
            return Response(media_type=_MEDIA_TYPE, headers=_HEADERS)
        try:
            pieces = listeners.listen()
        except TooManyListeners as error:
            wait = {"Retry-After": str(RETRY_AFTER_S)}
            raise Problem(503, "too many listen already", headers=wait) from error
        return StreamingResponse(pieces, media_type=_MEDIA_TYPE, headers=_HEADERS)

    return answer


EVENTS_DESCRIBED: dict[str, Any] = {
    "get": {
        "operationId": "get_events",
        "summary": "New blocks, complete eras and supplies, as server-sent events",
        "parameters": [],
        "responses": {
            "200": {
                "description": "Events `block`, `era` and `supply`; the data is JSON, as the paths"
                " of these names answer it. The newest of each comes first.",
                "content": {_MEDIA_TYPE: {"schema": {"type": "string"}}},
            },
            **problems_described("400", "406", "414", "429", "503"),
        },
    }
}
