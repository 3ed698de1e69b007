"""Keys for each purpose, all from SECRET_KEY; what is sealed with one cannot be read without it."""

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casper_dash.settings import AppSettings
from crawler.settings import SettingsError

_LENGTH = 32
_SALT = b"casper-dash"
_FILE = Path(".secret_key")


class SealBroken(ValueError):
    """It was not sealed with this key for this purpose: SECRET_KEY is another one now."""


class Keys:
    """What SECRET_KEY gives. A key of one purpose tells nothing about another's."""

    def __init__(self, secret_key: str) -> None:
        self._secret = secret_key.encode()

    def derive(self, purpose: str) -> bytes:
        """32 bytes, the same ones each time, by HKDF-SHA-256."""
        hkdf = HKDF(algorithm=SHA256(), length=_LENGTH, salt=_SALT, info=purpose.encode())
        return hkdf.derive(self._secret)

    def mac(self, purpose: str, text: str) -> str:
        """HMAC-SHA-256 as hex: who does not have the key can neither make nor test one."""
        return hmac.new(self.derive(purpose), text.encode(), hashlib.sha256).hexdigest()

    def seal(self, purpose: str, text: str) -> str:
        """The text encrypted and authenticated, as ASCII."""
        return self._fernet(purpose).encrypt(text.encode()).decode()

    def unseal(self, purpose: str, sealed: str) -> str:
        """The inverse of `seal`. Raises SealBroken for whatever else it is given."""
        try:
            return self._fernet(purpose).decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SealBroken(f"what was sealed for {purpose} cannot be read: a new key?") from error

    def _fernet(self, purpose: str) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self.derive(purpose)))


def keys_of(settings: AppSettings) -> Keys:
    """The keys of SECRET_KEY; without one, of the secret stored where the program is started.

    Raises SettingsError in production without one: it must be the same on every machine there.
    """
    if settings.secret_key:
        return Keys(settings.secret_key)
    if settings.environment == "production":
        raise SettingsError("SECRET_KEY: empty, production needs 32 random characters or more")
    return Keys(stored_secret(_FILE))


def stored_secret(path: Path) -> str:
    """The secret in a file that only its owner can read; the first caller makes it."""
    if not path.exists():
        mine = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        file = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600)
        with os.fdopen(file, "w", encoding="utf-8") as new:
            new.write(secrets.token_urlsafe(_LENGTH) + "\n")
        # whole or not at all, and never over the one that another process made meanwhile
        with suppress(FileExistsError):
            os.link(mine, path)
        mine.unlink()
    return path.read_text(encoding="utf-8").strip()
