"""A passkey in software: what a browser and its authenticator answer to a ceremony's options."""

import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

from tests.casper_dash.auth.browsing import PASSWORD, Browser

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """One key pair. Tests set its fields to make it answer wrong."""

    def __init__(self, origin: str = "https://dash.example.org") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.origin = origin
        self.host = "dash.example.org"
        self.flags = PRESENT | VERIFIED
        self.count = 1
        self.counts = 1
        """0 for a key that lives on many devices: those do not count."""

    def register(self, options: dict[str, Any]) -> dict[str, Any]:
        client = self._client("webauthn.create", options["challenge"])
        data = self._data(self.flags | ATTESTED) + b"\0" * 16
        data += len(self.id).to_bytes(2, "big") + self.id + self._cose()
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            {
                "clientDataJSON": bytes_to_base64url(client),
                "attestationObject": bytes_to_base64url(attestation),
            }
        )

    def sign(self, options: dict[str, Any]) -> dict[str, Any]:
        self.count += self.counts
        client = self._client("webauthn.get", options["challenge"])
        data = self._data(self.flags)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": bytes_to_base64url(client),
                "authenticatorData": bytes_to_base64url(data),
                "signature": bytes_to_base64url(signed),
            }
        )

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        name = bytes_to_base64url(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, flags: int) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([flags]) + self.count.to_bytes(4, "big")

    def _cose(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})


async def register(browser: Browser, key: Authenticator, *, name: str = "Laptop"):
    begun = (await browser.ask("passkeys/begin", {"password": PASSWORD})).json()
    answer = key.register(begun["options"])
    return await browser.ask(
        "passkeys", {"ceremony": begun["ceremony"], "name": name, "credential": answer}
    )


async def sign_in(browser: Browser, key: Authenticator):
    begun = (await browser.ask("passkey-sign-in/begin", {})).json()
    answer = key.sign(begun["options"])
    return await browser.ask(
        "passkey-sign-in", {"ceremony": begun["ceremony"], "credential": answer}
    )
