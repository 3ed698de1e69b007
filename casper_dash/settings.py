"""The settings of API, pages and administration, on top of the crawler's."""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator
from sqlalchemy.engine import make_url

from casper_dash.mail_address import is_mail_address
from crawler.addresses import MASK, check_http_url, shown_url
from crawler.settings import CommaList, CrawlerSettings

_WEAK_BELOW = 32
_EXAMPLES = ("change", "secret", "example", "password", "casper", "0123456789")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_NO_ADDRESS = "expected one address like name@example.org"


class AppSettings(CrawlerSettings):
    """Names in the environment are the fields' in capitals."""

    environment: Literal["development", "production"] = Field(
        default="development",
        description="production refuses weak secrets, cookies over plain HTTP and debug output",
    )
    port: int = Field(default=3000, ge=1, le=65535, description="the one address of make run")
    public_url: str = Field(
        default_factory=lambda values: f"http://localhost:{values.get('port', 3000)}",
        description="address of the pages as users see it; empty: http://localhost:PORT",
    )
    api_url: str = Field(
        default="", description="address of the API as browsers see it; empty: the pages' own"
    )
    admin_url: str = Field(
        default_factory=lambda values: f"{values.get('public_url', '')}/admin",
        description="address of the admin panel as its users see it; empty: PUBLIC_URL/admin",
    )
    redis_url: str = Field(
        default="",
        description="Redis that keeps what is open in the admin panel; empty: the server's memory",
        json_schema_extra={"secret": True},
    )
    secret_key: str = Field(
        default="",
        description="signs and seals what must be, 32 characters or more; empty: made and stored"
        " in .secret_key, which production refuses",
        json_schema_extra={"secret": True},
    )
    admin_email: str = Field(
        default="", description="the first administrator's address, made at the first start"
    )
    admin_password: str = Field(
        default="",
        description="the first administrator's password, to be changed after signing in",
        json_schema_extra={"secret": True},
    )
    smtp_host: str = Field(
        default="",
        description="mail server; empty: letters stay in the admin panel's outbox",
    )
    smtp_port: int = Field(
        default=587, ge=1, le=65535, description="the mail server's port: 587 starttls, 465 tls"
    )
    smtp_user: str = Field(default="", description="name for the mail server, if it asks for one")
    smtp_password: str = Field(
        default="",
        description="password for the mail server",
        json_schema_extra={"secret": True},
    )
    smtp_tls: Literal["none", "starttls", "tls"] = Field(
        default="starttls",
        description="none, starttls or tls; the server's certificate is verified",
    )
    mail_from: str = Field(
        default="", description="sender of letters; empty: casper-dash@ the host of ADMIN_URL"
    )
    trusted_proxies: CommaList = Field(
        default=("127.0.0.1",),
        description="comma list of addresses or networks whose forwarding headers count, read"
        " right to left",
    )
    api_requests_a_minute: int = Field(
        default=6000,
        ge=0,
        description="requests to the API that one client may make in a minute; 0: no limit",
    )
    api_cache_mib: int = Field(
        default=64,
        ge=0,
        description="MiB of ready answers that each process of the API holds; 0: none",
    )
    publish_needs_second: bool | None = Field(
        default=None,
        description="whether a second person confirms a publication; empty: in production once"
        " there are two administrators",
    )

    @field_validator("environment")
    @classmethod
    def _no_debug_output(cls, value: str, info: ValidationInfo) -> str:
        if value == "production" and info.data.get("log_level") == "DEBUG":
            raise ValueError("production refuses LOG_LEVEL=DEBUG, its records can hold secrets")
        return value

    @field_validator("public_url", "api_url", "admin_url")
    @classmethod
    def _address(cls, value: str) -> str:
        return check_http_url(value).rstrip("/") if value else value

    @field_validator("secret_key")
    @classmethod
    def _hard_to_guess(cls, value: str, info: ValidationInfo) -> str:
        if value and (len(value) < _WEAK_BELOW or len(set(value)) < _WEAK_BELOW // 4):
            raise ValueError(f"too easy to guess, expected {_WEAK_BELOW} random characters or more")
        from_example = any(part in value.lower() for part in _EXAMPLES)
        if from_example and info.data.get("environment") == "production":
            raise ValueError("this one is from an example, production needs one of its own")
        return value

    @field_validator("admin_email", "mail_from")
    @classmethod
    def _one_mail_address(cls, value: str) -> str:
        if value and not is_mail_address(value):
            raise ValueError(_NO_ADDRESS)
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ip_network(each)
            except ValueError:
                raise ValueError(f"{each!r} is no IP address or network") from None
        return value

    @property
    def admin_origin(self) -> str:
        """Scheme, host and port of ADMIN_URL, as browsers write them in `Origin`."""
        parts = urlsplit(self.admin_url)
        host = parts.netloc.lower()
        return f"{parts.scheme}://{host.removesuffix(_DEFAULT_PORTS.get(parts.scheme, ''))}"

    @property
    def over_tls(self) -> bool:
        """Whether the panel's users reach it over TLS."""
        return urlsplit(self.admin_url).scheme == "https"

    @property
    def sender(self) -> str:
        """Who letters come from."""
        return self.mail_from or f"casper-dash@{urlsplit(self.admin_url).hostname}"


def masked(settings: CrawlerSettings) -> dict[str, str]:
    """The effective settings by their names in the environment, without any secret.

    A field's `json_schema_extra` says what is `secret` as a whole, and what names a `database`.
    Of every other address a password and the values of its query are masked.
    """
    fields = type(settings).model_fields
    shown = {}
    for name, field in fields.items():
        marks = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        shown[name.upper()] = _shown(getattr(settings, name), marks)
    return shown


def _shown(value: Any, marks: Mapping[str, Any]) -> str:
    if isinstance(value, tuple):
        return ",".join(_shown(each, marks) for each in value)
    text = str(value)
    if marks.get("secret"):
        return MASK if text else ""
    if marks.get("database"):
        return _shown_database(text)
    return shown_url(text) if "://" in text else text


def _shown_database(address: str) -> str:
    url = make_url(address)
    url = url.update_query_dict(dict.fromkeys(url.query, MASK))
    return url.render_as_string(hide_password=True)
