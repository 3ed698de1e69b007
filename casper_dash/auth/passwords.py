"""Passwords: which are good enough, and argon2id hashes of them."""

import unicodedata

from passlib.context import CryptContext

from casper_dash.auth.errors import WeakPassword

SHORTEST = 12
LONGEST = 128
_STRONG = 3
"""Of zxcvbn's five grades 0 to 4: safely unguessable from a slow hash."""
_LOOKED_AT = 72
"""Characters: its time grows with the square, and nothing longer is weak for another reason."""
# OWASP's first choice for argon2id, 2025: 19 MiB, 2 passes, 1 lane
_HASHES = CryptContext(
    schemes=["argon2"],
    argon2__type="ID",
    argon2__memory_cost=19456,
    argon2__time_cost=2,
    argon2__parallelism=1,
)
_NOBODYS = _HASHES.hash("whoever this is")
"""Verified where there is no hash, so that an unknown address costs the same work."""


def check_password(password: str, *, of: tuple[str, ...] = ()) -> None:
    """Raises WeakPassword unless nobody would guess it; `of`: the owner's address and name."""
    # its word lists take 13 MB, and only whoever chooses a password needs them
    from zxcvbn import zxcvbn

    length = len(_normal(password))
    if not SHORTEST <= length <= LONGEST:
        raise WeakPassword(f"a password has {SHORTEST} to {LONGEST} characters")
    words = [word for text in of for word in (text, *text.replace("@", " ").split()) if word]
    found = zxcvbn(_normal(password)[:_LOOKED_AT], user_inputs=words, max_length=_LOOKED_AT)
    if found["score"] < _STRONG:
        told = found["feedback"]["warning"] or "it is among the first that are guessed"
        raise WeakPassword(f"this password is too weak: {told[0].lower()}{told[1:].rstrip('.')}")


def hash_password(password: str) -> str:
    """An argon2id hash with its parameters and salt. Takes a twentieth of a second."""
    return str(_HASHES.hash(_normal(password)))


def verify_password(password: str, held: str | None) -> tuple[bool, str | None]:
    """Whether it is the one, and a new hash where the held one has old parameters.

    Without a held hash the answer is no, for the same work.
    """
    if len(password) > LONGEST:
        password = ""  # no held one is so long; hashing stays bounded
    right, better = _HASHES.verify_and_update(_normal(password), held or _NOBODYS)
    return (right, better) if right and held else (False, None)


def _normal(password: str) -> str:
    """One spelling of what looks the same, whatever keyboard it was typed on."""
    return unicodedata.normalize("NFC", password)
