"""Random ids and tokens, and the hash under which a token is kept."""

import hashlib
import secrets


def new_id() -> str:
    """16 random bytes as 22 characters, which may be shown."""
    return secrets.token_urlsafe(16)


def new_token() -> str:
    """32 random bytes as 43 characters, which nobody but their owner may see."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the database knows of a token. A plain hash is enough for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
