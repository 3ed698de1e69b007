"""The tables of people and of what proves that somebody is one of them.

Ids are random. Of every secret only a hash is kept, or it is sealed with SECRET_KEY.
"""

from datetime import datetime

from sqlalchemy import Index, String

from crawler.columns import Height, Hex, UtcTime
from crawler.models.table import TEXT, Base, column, key, optional, table_of

_ID = String(22)
"""16 random bytes."""
_SHA256 = Hex(32)


class Person(Base, table=True):
    """Somebody who may sign in, was invited to, or could once."""

    __table_args__ = (
        Index("ix_person_email", "email_key", unique=True),
        Index("ix_person_role", "role", "state"),  # the administrators, locked before one goes
        TEXT,
    )

    id: str = key(_ID)
    email: str = column(String(254))
    email_key: str | None = optional(String(254))
    """The address in the form in which it is compared; null once deactivated, so free again."""
    name: str = column(String(100))
    role: str = column(String(13))
    state: str = column(String(11))
    """invited, active or deactivated."""
    password_hash: str | None = optional(String(200))
    totp_secret: str | None = optional(String(200))
    """Sealed; null until a code of it was shown."""
    totp_step: int | None = optional(Height)
    """The newest step whose code was used: no earlier one counts again."""
    created_at: datetime = column(UtcTime)
    activated_at: datetime | None = optional(UtcTime)
    password_at: datetime | None = optional(UtcTime)


class OneTimeLink(Base, table=True):
    """A link that was sent or printed; good once, and until it expires."""

    __tablename__ = "one_time_link"
    __table_args__ = (Index("ix_one_time_link_person", "person_id", "kind"), TEXT)  # to cancel

    token_hash: str = key(_SHA256)
    kind: str = column(String(10))
    """invitation, activation (of a first administrator) or reset."""
    person_id: str = column(_ID)
    created_at: datetime = column(UtcTime)
    expires_at: datetime = column(UtcTime)
    used_at: datetime | None = optional(UtcTime)


class Ceremony(Base, table=True):
    """Something that takes two requests: what the server must remember between them."""

    __table_args__ = (Index("ix_ceremony_expires", "expires_at"), TEXT)  # to clear away

    token_hash: str = key(_SHA256)
    kind: str = column(String(16))
    """totp, passkey (registration) or passkey-sign-in."""
    person_id: str | None = optional(_ID)
    secret: str = column(String(400))
    """Sealed: the secret or challenge that is to be answered."""
    expires_at: datetime = column(UtcTime)


class RecoveryCode(Base, table=True):
    """One of ten codes that stand in for a lost device, each good once."""

    __tablename__ = "recovery_code"

    person_id: str = key(_ID)
    code_hash: str = key(_SHA256)
    used_at: datetime | None = optional(UtcTime)


class Passkey(Base, table=True):
    """A WebAuthn credential, which is possession and knowledge in one."""

    __table_args__ = (Index("ix_passkey_person", "person_id"), TEXT)

    id: str = key(_SHA256)
    """SHA-256 of the credential's id, which may be 1023 bytes long."""
    person_id: str = column(_ID)
    credential_id: str = column(Hex(1023, exact=False))
    public_key: str = column(Hex(1024, exact=False))
    sign_count: int = column(Height)
    name: str = column(String(100))
    created_at: datetime = column(UtcTime)
    last_used_at: datetime | None = optional(UtcTime)


class Session(Base, table=True):
    """Somebody signed in. The row goes when the session ends."""

    __table_args__ = (
        Index("ix_session_id", "id", unique=True),  # to end one that a list names
        Index("ix_session_person", "person_id"),
        TEXT,
    )

    token_hash: str = key(_SHA256)
    id: str = column(_ID)
    """What may be shown of it."""
    person_id: str = column(_ID)
    over_tls: bool
    """Whether it counts in the __Host- cookie alone."""
    created_at: datetime = column(UtcTime)
    last_seen_at: datetime = column(UtcTime)
    expires_at: datetime = column(UtcTime)
    address: str = column(String(45))
    device: str = column(String(200))
    rotated_from: str | None = optional(_ID)


class ApiToken(Base, table=True):
    """A secret with which a program acts for a person, within scopes."""

    __tablename__ = "api_token"
    __table_args__ = (
        Index("ix_api_token_id", "id", unique=True),  # to revoke one that a list names
        Index("ix_api_token_person", "person_id"),
        TEXT,
    )

    token_hash: str = key(_SHA256)
    id: str = column(_ID)
    person_id: str = column(_ID)
    name: str = column(String(100))
    scopes: str = column(String(200))
    """Words in order, with blanks between."""
    created_at: datetime = column(UtcTime)
    expires_at: datetime = column(UtcTime)
    last_used_at: datetime | None = optional(UtcTime)
    revoked_at: datetime | None = optional(UtcTime)


class Attempt(Base, table=True):
    """How often signing in failed of late, for an account, an address or a device."""

    __table_args__ = (Index("ix_attempt_last", "last_at"), TEXT)  # to clear away

    subject: str = key(_SHA256)
    failures: int = column(Height)
    last_at: datetime = column(UtcTime)
    free_at: datetime = column(UtcTime)
    """No attempt is looked at before."""


PERSON = table_of(Person).c
ONE_TIME_LINK = table_of(OneTimeLink).c
CEREMONY = table_of(Ceremony).c
RECOVERY_CODE = table_of(RecoveryCode).c
PASSKEY = table_of(Passkey).c
SESSION = table_of(Session).c
API_TOKEN = table_of(ApiToken).c
ATTEMPT = table_of(Attempt).c
