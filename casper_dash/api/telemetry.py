"""/metrics: what the API does, for Prometheus. No label has more values than there are routes."""

import hmac
import re
import time
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from ipaddress import ip_address

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import QueuePool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from casper_dash.api.byte_cache import CACHE_RESULT
from casper_dash.api.caching import NO_STORE
from casper_dash.api.listeners import Listeners
from casper_dash.api.listing import Endpoint
from casper_dash.api.places import Place, Places
from casper_dash.api.problems import Problem

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_V0 = "/api/v0"
_KNOWN_PATHS = 512
_FORWARDING = ("forwarded", "via", "x-real-ip")


class Telemetry:
    """What is counted. `paths` are the routes' templates; all others count together."""

    def __init__(self, paths: Iterable[str], places: Places, listeners: Listeners) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "api_requests",
            "Requests, by route, status and whether a ready answer was there",
            ["route", "status", "cache"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "api_request_seconds",
            "Time to the first byte of the answer",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.registry.register(_Standing(places, listeners))
        self._paths = list(paths)
        forms = (re.sub(r"{\w+}", "[^/]+", path) for path in self._paths)
        self._form = re.compile("|".join(f"({form})" for form in forms))
        # most requests are for few paths; long ones are few enough to be kept
        self.route = lru_cache(_KNOWN_PATHS)(self._route)
        self._children: dict[tuple[str, int, str], tuple[Counter, Histogram]] = {}

    def _route(self, path: str) -> str:
        """The template that the path is of, v0's name for all of its paths, `other` for none."""
        if path.startswith(_V0):
            return _V0
        found = self._form.fullmatch(path)
        return self._paths[found.lastindex - 1] if found and found.lastindex else "other"

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """One more answer, `seconds` after it was asked for."""
        key = self.route(scope["path"]), status, scope.get(CACHE_RESULT, "none")
        children = self._children.get(key)
        if children is None:
            children = self._children[key] = self._labelled(*key)
        counter, histogram = children
        counter.inc()
        histogram.observe(seconds)

    def _labelled(self, route: str, status: int, cache: str) -> tuple[Counter, Histogram]:
        return self.requests.labels(route, str(status), cache), self.seconds.labels(route)


class _Standing(Collector):
    """Gauges that are asked for when they are scraped."""

    def __init__(self, places: Places, listeners: Listeners) -> None:
        self._places = places
        self._listeners = listeners

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily("api_listeners", "Open event streams", len(self._listeners))
        places = [self._places.source, *self._places.replicas]
        yield _gauge("api_pool_connections", "Connections in use", places, _in_use)
        yield _gauge("api_replica_lag_seconds", "Behind the newest", places[1:], self._places.lag_s)
        yield _gauge("api_replica_read", "1 while it is read", places[1:], self._is_read)

    def _is_read(self, place: Place) -> float:
        return float(place in self._places.usable())


def _gauge(
    name: str, text: str, places: Iterable[Place], value: Callable[[Place], float | None]
) -> GaugeMetricFamily:
    """What is not known is left out."""
    family = GaugeMetricFamily(name, text, labels=["place"])
    for place in places:
        known = value(place)
        if known is not None:
            family.add_metric([place.name], known)
    return family


def _in_use(place: Place) -> float | None:
    pool = place.engine.pool
    return float(pool.checkedout()) if isinstance(pool, QueuePool) else None


class CountRequests:
    """Counts what is answered below it."""

    def __init__(self, app: ASGIApp, *, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def count(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._telemetry.count(scope, message["status"], time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, count)


def metrics_endpoint(telemetry: Telemetry, token: str) -> Endpoint:
    """What answers /metrics to whoever has the token; without one, to this machine alone."""

    async def answer(request: Request) -> Response:
        if token and not _has_token(request, token):
            challenge = {"WWW-Authenticate": "Bearer"}
            raise Problem(401, "a bearer token is needed", headers=challenge)
        if not token and not _is_local(request):
            raise Problem(403, "without METRICS_TOKEN this is told to this machine alone")
        headers = {"Cache-Control": NO_STORE, "Content-Type": CONTENT_TYPE_LATEST}
        return Response(generate_latest(telemetry.registry), headers=headers)

    return answer


def _has_token(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


def _is_local(request: Request) -> bool:
    """Whether it comes from this machine, and not through a proxy on it."""
    forwarded = any(
        name in _FORWARDING or name.startswith("x-forwarded") for name in request.headers
    )
    return not forwarded and request.client is not None and _is_loopback(request.client.host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
