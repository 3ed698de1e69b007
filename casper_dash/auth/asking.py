"""From an HTTP request to a handler and back: origin, body, session, errors, cookies."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import anyio
import orjson
import structlog
from anyio.to_thread import run_sync
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from casper_dash.auth import cookies
from casper_dash.auth.bodies import Strict, read_body
from casper_dash.auth.client import Networks, client_of
from casper_dash.auth.enrolment import Enrolment
from casper_dash.auth.errors import AuthError, NotAllowed, NotPossible, Wait
from casper_dash.auth.origin import is_own_origin
from casper_dash.auth.place import Place
from casper_dash.auth.sessions import Client, Person, who
from casper_dash.auth.sign_in import SignedIn
from crawler.database import explain

log = structlog.get_logger(__name__)

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


@dataclass(frozen=True)
class Asked:
    """What a handler knows of its request, beside the body."""

    place: Place
    client: Client
    cookie: str
    """The whole header."""

    @property
    def device(self) -> str | None:
        """What the browser has kept since its owner signed in."""
        found = cookies.read_cookie(self.cookie, cookies.DEVICE_COOKIE)
        return found[0] if found else None

    def person(self) -> Person | None:
        """Who is signed in."""
        return who(self.place.engine, self.cookie, self.place.now())


Handler = Callable[[Asked, Any], Response]
OwnHandler = Callable[[Asked, Person, Any], Response]
Endpoint = Callable[[Request], Any]


class Asking:
    """Makes endpoints of handlers. They run in threads: hashing and SQL would halt the loop."""

    def __init__(self, place: Place, trusted: Networks, *, at_once: int) -> None:
        self._place = place
        self._trusted = trusted
        self._threads = anyio.CapacityLimiter(at_once)

    def for_all(self, kind: type[Strict], handler: Handler) -> Endpoint:
        """An endpoint for whoever asks from the panel's own pages."""

        async def endpoint(request: Request) -> Response:
            if not is_own_origin(request, self._place.settings.admin_origin):
                return error_answer(403, "this is for the admin panel's own pages")
            body = await read_body(request, kind)
            return await self._run(lambda asked: handler(asked, body), request)

        return endpoint

    def for_signed_in(self, kind: type[Strict], handler: OwnHandler) -> Endpoint:
        """An endpoint for whoever is signed in, too."""

        def own(asked: Asked, body: Any) -> Response:
            person = asked.person()
            if person is None:
                return error_answer(401, "you are not signed in")
            return handler(asked, person, body)

        return self.for_all(kind, own)

    async def _run(self, handler: Callable[[Asked], Response], request: Request) -> Response:
        client = client_of(request, self._trusted)
        asked = Asked(self._place, client, request.headers.get("cookie", ""))
        try:
            return await run_sync(handler, asked, limiter=self._threads)
        except AuthError as error:
            return _answer_of(error)
        except OperationalError as error:
            log.warning("database does not answer", reason=explain(error, self._place.engine))
            return error_answer(503, "the database cannot be reached, try again")


def answer(content: dict[str, Any], status: int = 200) -> Response:
    """JSON that nobody keeps."""
    body = orjson.dumps(content)
    return Response(body, status, headers=_HEADERS, media_type="application/json")


def error_answer(status: int, message: str) -> Response:
    """An error that may be shown."""
    return answer({"error": message}, status)


def signed_in_answer(place: Place, signed_in: SignedIn) -> Response:
    """Sets the cookies; recovery codes where there are new ones."""
    codes = list(signed_in.recovery_codes)
    response = answer({"state": "signed-in"} | ({"recovery_codes": codes} if codes else {}))
    over_tls = place.settings.over_tls
    set_cookie(response, cookies.session_cookie(signed_in.token, over_tls=over_tls))
    set_cookie(response, cookies.device_cookie(signed_in.device, over_tls=over_tls))
    return response


def enrolment_answer(enrolment: Enrolment) -> Response:
    """What to show, and the token for the code."""
    shown = asdict(enrolment)
    return answer({"state": "enrol", "enrolment": shown.pop("token"), **shown})


def set_cookie(response: Response, value: str) -> None:
    """A further `Set-Cookie`."""
    response.headers.append("set-cookie", value)


async def http_error(_request: Request, error: HTTPException) -> Response:
    """Starlette's handler for errors of path, method and body."""
    response = error_answer(error.status_code, error.detail)
    response.headers.update(error.headers or {})
    return response


def _answer_of(error: AuthError) -> Response:
    if isinstance(error, Wait):
        response = error_answer(429, str(error))
        response.headers["Retry-After"] = str(error.seconds)
        return response
    if isinstance(error, NotAllowed):
        return error_answer(403, str(error))
    return error_answer(409 if isinstance(error, NotPossible) else 401, str(error))
