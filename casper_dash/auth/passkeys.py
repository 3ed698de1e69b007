"""Passkeys (WebAuthn): registered by whoever is signed in, then enough by themselves.

The authenticator must verify its user, so that one stands for both factors. Challenges are made
and kept here, and good once.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import delete, insert, select, update
from sqlmodel import Session
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from casper_dash.audit import record
from casper_dash.auth import ceremonies, sessions
from casper_dash.auth.ceremonies import Kind
from casper_dash.auth.client import network_of
from casper_dash.auth.errors import NotPossible, Refused
from casper_dash.auth.lookup import locked
from casper_dash.auth.models import PASSKEY, Passkey
from casper_dash.auth.place import Place
from casper_dash.auth.sessions import Client
from casper_dash.auth.sign_in import SignedIn, brake, count_attempt, forgive_attempt, open_session
from casper_dash.auth.throttle import Subject
from crawler.database import changed_rows, transact

_BEGUN_FREE = 100
_MOST = 10
"""Of one person."""
_TITLE = "Casper Dash"
_VERIFIED = UserVerificationRequirement.REQUIRED
_UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)
"""What the library raises for answers that no authenticator gives."""


@dataclass(frozen=True)
class Begun:
    """The ceremony's token, and what the browser hands to `navigator.credentials`."""

    token: str
    options: dict[str, Any]


@dataclass(frozen=True)
class Listed:
    """A passkey as its owner sees it."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


def begin_registration(place: Place, person: sessions.Person) -> Begun:
    """Options for a new passkey of the person. Prove first that it is still them."""

    def begin(session: Session) -> Begun:
        held = _credentials_of(session, person.id)
        if len(held) >= _MOST:
            raise NotPossible(f"a person has at most {_MOST} passkeys")
        options = webauthn.generate_registration_options(
            rp_id=_host(place),
            rp_name=_TITLE,
            user_id=person.id.encode(),
            user_name=person.email,
            user_display_name=person.name,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in held],
        )
        return _begin(session, place, Kind.PASSKEY, options, person.id)

    return transact(place.engine, begin)


def finish_registration(
    place: Place, person: sessions.Person, token: str, name: str, credential: dict[str, Any]
) -> Listed:
    """Keeps the passkey. Raises Refused."""

    def finish(session: Session) -> Listed:
        challenge = _challenge(session, place, Kind.PASSKEY, token, person.id)
        verified = _registered(place, challenge, credential)
        key_id = _key_id(verified.credential_id)
        if session.execute(select(PASSKEY.id).where(PASSKEY.id == key_id)).first():
            raise NotPossible("this passkey is registered already")
        row = {
            "id": key_id,
            "person_id": person.id,
            "credential_id": verified.credential_id.hex(),
            "public_key": verified.credential_public_key.hex(),
            "sign_count": verified.sign_count,
            "name": name or "Passkey",
            "created_at": place.now(),
        }
        session.execute(insert(Passkey).values(**row))
        what = {"passkey": row["name"]}
        record(session, person.actor, "passkey.add", f"person {person.id}", after=what)
        return Listed(key_id, row["name"], row["created_at"], None)

    return transact(place.engine, finish)


def begin_sign_in(place: Place, client: Client) -> Begun:
    """Options for whoever has a passkey: it names its owner by itself. Raises Wait."""
    # anybody can ask, and each question is a row
    brake(place, [Subject("passkey-begin", network_of(client.address), _BEGUN_FREE)])
    options = webauthn.generate_authentication_options(
        rp_id=_host(place), user_verification=_VERIFIED
    )
    return transact(
        place.engine, lambda session: _begin(session, place, Kind.PASSKEY_SIGN_IN, options, None)
    )


def finish_sign_in(
    place: Place, token: str, credential: dict[str, Any], client: Client
) -> SignedIn:
    """A session of the passkey's owner. Raises Refused or Wait."""
    attempt = Subject("passkey", network_of(client.address))
    count_attempt(place, attempt, client)
    signed_in = transact(
        place.engine, lambda session: _sign_in(session, place, token, credential, client)
    )
    forgive_attempt(place, attempt, client)
    return signed_in


def passkeys_of(session: Session, person_id: str) -> list[Listed]:
    """Oldest first. Reads ix_passkey_person."""
    names = ("id", "name", "created_at", "last_used_at")
    question = select(*(PASSKEY[name] for name in names)).where(PASSKEY.person_id == person_id)
    rows = session.execute(question.order_by(PASSKEY.created_at))
    return [Listed(**row._mapping) for row in rows]


def remove_passkey(session: Session, person: sessions.Person, passkey_id: str) -> bool:
    """Whether the person had it."""
    own = (PASSKEY.id == passkey_id, PASSKEY.person_id == person.id)
    if changed_rows(session, delete(Passkey).where(*own)):
        record(session, person.actor, "passkey.remove", f"person {person.id}")
        return True
    return False


def _sign_in(
    session: Session, place: Place, token: str, credential: dict[str, Any], client: Client
) -> SignedIn:
    challenge = _challenge(session, place, Kind.PASSKEY_SIGN_IN, token, None)
    key_id = _key_id(_raw_id(credential))
    question = select(PASSKEY.person_id, PASSKEY.public_key, PASSKEY.sign_count)
    key = session.execute(question.where(PASSKEY.id == key_id).with_for_update()).first()
    held = locked(session, key.person_id) if key else None
    if key is None or held is None or held.state != "active":
        raise Refused("this passkey is not known here")
    try:
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_host(place),
            expected_origin=place.settings.admin_origin,
            credential_public_key=bytes.fromhex(key.public_key),
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except _UNREADABLE as error:
        raise Refused("the passkey's answer does not prove anything") from error
    used = {"sign_count": verified.new_sign_count, "last_used_at": place.now()}
    session.execute(update(Passkey).where(PASSKEY.id == key_id).values(**used))
    return open_session(session, place, held, client)


def _begin(
    session: Session, place: Place, kind: Kind, options: Any, person_id: str | None
) -> Begun:
    challenge = bytes_to_base64url(options.challenge)
    token = ceremonies.begin_ceremony(session, place.keys, kind, challenge, place.now(), person_id)
    return Begun(token, json.loads(webauthn.options_to_json(options)))


def _challenge(
    session: Session, place: Place, kind: Kind, token: str, person_id: str | None
) -> bytes:
    """The challenge of a ceremony that this ends."""
    found = ceremonies.look(session, place.keys, kind, token, place.now())
    if found is None or found[0] != person_id or not ceremonies.finish(session, token):
        raise Refused("this took too long, begin again")
    return webauthn.base64url_to_bytes(found[1])


def _registered(place: Place, challenge: bytes, credential: dict[str, Any]) -> Any:
    try:
        return webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_host(place),
            expected_origin=place.settings.admin_origin,
            require_user_verification=True,
        )
    except _UNREADABLE as error:
        raise Refused("the passkey's answer does not prove anything") from error


def _credentials_of(session: Session, person_id: str) -> list[bytes]:
    question = select(PASSKEY.credential_id).where(PASSKEY.person_id == person_id)
    return [bytes.fromhex(each) for each in session.execute(question).scalars()]


def _raw_id(credential: dict[str, Any]) -> bytes:
    raw = credential.get("rawId")
    if not isinstance(raw, str):
        raise Refused("the passkey's answer names none")
    try:
        return webauthn.base64url_to_bytes(raw)
    except ValueError as error:
        raise Refused("the passkey's answer names none") from error


def _key_id(credential_id: bytes) -> str:
    return hashlib.sha256(credential_id).hexdigest()


def _host(place: Place) -> str:
    return urlsplit(place.settings.admin_url).hostname or ""
