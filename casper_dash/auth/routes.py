"""The plain HTTP routes of signing in and out, below /admin/auth. JSON objects in and out.

| route | takes | answers |
|---|---|---|
| POST sign-in | email, password, code | signed-in with cookies, or enrol |
| POST enrolment | enrolment, code | signed-in with cookies and recovery_codes |
| POST activation/look | token | email, name, role |
| POST activation | token, password, name | enrol |
| POST reset/request | email | 202, whatever the address |
| POST reset | token, password | changed: sign in next |
| POST sign-out | | signed-out, cookie gone |
| GET session | | email, name, role of who is signed in |
| POST password | current, new | changed, cookie rotated |
| POST second-factor | password | enrol; `enrolment` then replaces the second factor |
| POST recovery-codes | code | recovery_codes |
| POST passkeys/begin | password | ceremony, options |
| POST passkeys | ceremony, name, credential | id, name |
| POST passkey-sign-in/begin | | ceremony, options |
| POST passkey-sign-in | ceremony, credential | signed-in with cookies |

`enrol` is {state, enrolment, secret, uri, qr}: show `qr` (SVG) or `secret`, then post the code with
`enrolment`. Errors are {error} with 400, 401, 403, 409, 413, 415, or 429 with Retry-After.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from casper_dash.audit import record
from casper_dash.auth import account, activation, bodies, cookies, passkeys, sessions
from casper_dash.auth.asking import (
    Asked,
    Asking,
    Handler,
    OwnHandler,
    answer,
    enrolment_answer,
    error_answer,
    http_error,
    set_cookie,
    signed_in_answer,
)
from casper_dash.auth.client import networks_of
from casper_dash.auth.enrolment import Enrolment
from casper_dash.auth.errors import AuthError
from casper_dash.auth.place import Place, place_of
from casper_dash.auth.sessions import Person, who
from casper_dash.auth.sign_in import Credentials, finish_enrolment, sign_in
from casper_dash.settings import AppSettings
from crawler.database import transact

log = structlog.get_logger(__name__)

PREFIX = "/admin/auth"
_AT_ONCE = 4
"""Requests that are worked on at a time: a hash takes 19 MiB, and a core for a moment."""
# Starlette types each handler as one for any Exception
_EXCEPTION_HANDLERS: Mapping[Any, Any] = {HTTPException: http_error}


def auth_app(engine: Engine, settings: AppSettings) -> Starlette:
    """The routes with their whole paths. Raises SettingsError where SECRET_KEY must be set."""
    return auth_app_of(place_of(engine, settings))


def auth_app_of(place: Place) -> Starlette:
    """The same for a place that is there already."""
    asking = Asking(place, networks_of(place.settings.trusted_proxies), at_once=_AT_ONCE)
    endpoints = {path: asking.for_all(*each) for path, each in FOR_ALL.items()}
    endpoints |= {path: asking.for_signed_in(*each) for path, each in FOR_SIGNED_IN.items()}
    routes = [
        Route(f"{PREFIX}/{path}", endpoint, methods=["POST"])
        for path, endpoint in endpoints.items()
    ]
    app = Starlette(
        routes=[*routes, Route(f"{PREFIX}/session", _session_of(place), methods=["GET"])],
        exception_handlers=_EXCEPTION_HANDLERS,
    )
    app.router.redirect_slashes = False
    return app


def _sign_in(asked: Asked, body: bodies.SignIn) -> Response:
    given = Credentials(body.email, body.password, body.code, asked.device)
    found = sign_in(asked.place, given, asked.client)
    if isinstance(found, Enrolment):
        return enrolment_answer(found)
    _leave(asked)
    return signed_in_answer(asked.place, found)


def _enrolment(asked: Asked, body: bodies.Code) -> Response:
    done = finish_enrolment(asked.place, body.enrolment, body.code, asked.client)
    return signed_in_answer(asked.place, done)


def _look(asked: Asked, body: bodies.Token) -> Response:
    return answer(asdict(activation.look_at_invitation(asked.place, body.token)))


def _activation(asked: Asked, body: bodies.Activation) -> Response:
    chosen = activation.Chosen(body.name.strip(), body.password)
    return enrolment_answer(activation.activate(asked.place, body.token, chosen, asked.client))


def _ask_for_reset(asked: Asked, body: bodies.Address) -> Response:
    response = answer({"state": "sent"}, 202)
    response.background = BackgroundTask(_send_reset, asked, body.email)
    return response


def _send_reset(asked: Asked, email: str) -> None:
    try:
        account.ask_for_reset(asked.place, email, asked.client)
    except AuthError as error:
        log.warning("reset not sent", address=asked.client.address, reason=str(error))


def _reset(asked: Asked, body: bodies.NewPassword) -> Response:
    account.reset_password(asked.place, body.token, body.password, asked.client)
    return answer({"state": "changed"})


def _begin_passkey_sign_in(asked: Asked, _body: bodies.Nothing) -> Response:
    return _begun(passkeys.begin_sign_in(asked.place, asked.client))


def _passkey_sign_in(asked: Asked, body: bodies.PasskeySignIn) -> Response:
    done = passkeys.finish_sign_in(asked.place, body.ceremony, body.credential, asked.client)
    _leave(asked)
    return signed_in_answer(asked.place, done)


def _sign_out(asked: Asked, _body: bodies.Nothing) -> Response:
    _leave(asked)
    response = answer({"state": "signed-out"})
    over_tls = asked.place.settings.over_tls
    set_cookie(response, cookies.ended_cookie(over_tls=over_tls))
    # what a tab has kept of the panel goes, too
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _password(asked: Asked, person: Person, body: bodies.ChangedPassword) -> Response:
    token = account.change_password(asked.place, person, body.current, body.new, asked.client)
    response = answer({"state": "changed"})
    over_tls = asked.place.settings.over_tls
    set_cookie(response, cookies.session_cookie(token, over_tls=over_tls))
    return response


def _second_factor(asked: Asked, person: Person, body: bodies.Password) -> Response:
    place = asked.place
    return enrolment_answer(
        account.begin_new_second_factor(place, person, body.password, asked.client)
    )


def _recovery_codes(asked: Asked, person: Person, body: bodies.OneCode) -> Response:
    codes = account.new_recovery_codes(asked.place, person, body.code, asked.client)
    return answer({"recovery_codes": codes})


def _begin_passkey(asked: Asked, person: Person, body: bodies.Password) -> Response:
    account.prove(asked.place, person, body.password, asked.client)
    return _begun(passkeys.begin_registration(asked.place, person))


def _passkey(asked: Asked, person: Person, body: bodies.NewPasskey) -> Response:
    kept = passkeys.finish_registration(
        asked.place, person, body.ceremony, body.name.strip(), body.credential
    )
    return answer({"id": kept.id, "name": kept.name})


def _leave(asked: Asked) -> None:
    """Ends the session that the browser came with, if any."""
    person = asked.person()
    if person is None:
        return

    def end(session: Session) -> None:
        sessions.end(session, person.id, person.session_id)
        record(session, person.actor, "session.end", f"person {person.id}")

    transact(asked.place.engine, end)


def _begun(begun: passkeys.Begun) -> Response:
    return answer({"ceremony": begun.token, "options": begun.options})


def _session_of(place: Place) -> Callable[[Request], Response]:
    def session(request: Request) -> Response:
        cookie = request.headers.get("cookie", "")
        person = who(place.engine, cookie, place.now(), active=False)
        if person is None:
            return error_answer(401, "you are not signed in")
        return answer({"email": person.email, "name": person.name, "role": person.role})

    return session


FOR_ALL: dict[str, tuple[type[bodies.Strict], Handler]] = {
    "sign-in": (bodies.SignIn, _sign_in),
    "enrolment": (bodies.Code, _enrolment),
    "activation/look": (bodies.Token, _look),
    "activation": (bodies.Activation, _activation),
    "reset/request": (bodies.Address, _ask_for_reset),
    "reset": (bodies.NewPassword, _reset),
    "passkey-sign-in/begin": (bodies.Nothing, _begin_passkey_sign_in),
    "passkey-sign-in": (bodies.PasskeySignIn, _passkey_sign_in),
    "sign-out": (bodies.Nothing, _sign_out),
}
FOR_SIGNED_IN: dict[str, tuple[type[bodies.Strict], OwnHandler]] = {
    "password": (bodies.ChangedPassword, _password),
    "second-factor": (bodies.Password, _second_factor),
    "recovery-codes": (bodies.OneCode, _recovery_codes),
    "passkeys/begin": (bodies.Password, _begin_passkey),
    "passkeys": (bodies.NewPasskey, _passkey),
}
