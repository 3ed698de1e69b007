"""Answers that are one caller's: nobody keeps them, and no page of another origin reads them."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Vary": "Accept, Authorization, Cookie",
}
_PUBLIC = ("access-control-allow-origin", "access-control-expose-headers")


class Private:
    """Sets these headers on every answer, and takes away those that open it to all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def private(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name in _PUBLIC:
                    del headers[name]
                headers.update(_HEADERS)
            await send(message)

        await self._app(scope, receive, private)
