"""What the routes take: JSON objects of short strings, and nothing beside."""

from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta
from starlette.exceptions import HTTPException
from starlette.requests import Request

MAX_BYTES = 16 * 1024

Email = Annotated[str, Meta(max_length=254)]
Secret = Annotated[str, Meta(max_length=200)]
Name = Annotated[str, Meta(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
Body = TypeVar("Body", bound="Strict")


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    """An object whose fields are all there and of their type."""


class Nothing(Strict):
    """An empty object."""


class SignIn(Strict):
    """`code` may be empty where there is no second factor yet."""

    email: Email
    password: Secret
    code: Secret = ""


class Code(Strict):
    """A code that finishes an enrolment."""

    enrolment: Secret
    code: Secret


class Token(Strict):
    """A one-time link's token."""

    token: Secret


class Activation(Strict):
    """A one-time link's token, and what its owner chose."""

    token: Secret
    password: Secret
    name: Name = ""


class NewPassword(Strict):
    """A reset link's token and the new password."""

    token: Secret
    password: Secret


class Address(Strict):
    """Where a reset link is to go."""

    email: Email


class ChangedPassword(Strict):
    """The password as it is and as it is to be."""

    current: Secret
    new: Secret


class Password(Strict):
    """Proves that it is still the owner who sits there."""

    password: Secret


class OneCode(Strict):
    """A code of the app."""

    code: Secret


class NewPasskey(Strict):
    """What the browser made of the options, and a name for it."""

    ceremony: Secret
    name: Name
    credential: dict[str, Any]


class PasskeySignIn(Strict):
    """What the browser signed."""

    ceremony: Secret
    credential: dict[str, Any]


async def read_body(request: Request, kind: type[Body]) -> Body:
    """The request's body. Raises HTTPException 413, 415 or 400 that says what is wrong."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise HTTPException(415, "the body must be application/json")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise HTTPException(413, f"the body has at most {MAX_BYTES} bytes")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise HTTPException(400, str(error)) from error
