"""HTTP clients of an application in this process."""

import httpx
from starlette.types import ASGIApp


def asking(app: ASGIApp) -> httpx.AsyncClient:
    """A client of the application; an unforeseen error is its answer 500, as on a server."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://dash.test")
