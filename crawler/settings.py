"""The crawler's settings: environment and `.env`, declared once, checked at the start."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from crawler.addresses import check_http_url
from crawler.log import LogFormat
from crawler.parse.keys import is_public_key

_DATABASES = ("sqlite", "mysql+pymysql")
_HIGHEST = 2**53  # whole numbers up to here are exact everywhere, JavaScript included


class SettingsError(ValueError):
    """A setting is wrong; the message is one line: its name, what is wrong, what is allowed."""


def _comma_list(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _check_database_url(value: str) -> str:
    try:
        url = make_url(value)
    except (ArgumentError, ValueError) as error:
        raise ValueError("no database address: sqlite:///FILE or mysql+pymysql://…") from error
    if url.drivername not in _DATABASES:
        raise ValueError(f"{url.drivername} is not one of {', '.join(_DATABASES)}")
    if not url.database or url.database == ":memory:":
        raise ValueError("names no database (SQLite in memory cannot be shared by processes)")
    return value


CommaList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_comma_list)]


class CrawlerSettings(BaseSettings):
    """Names in the environment are the fields' in capitals."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    database_url: str = Field(
        default="sqlite:///casper_dash.db",
        description="source database: sqlite:///FILE or mysql+pymysql://USER:PASSWORD@HOST/NAME",
        json_schema_extra={"database": True},
    )
    database_replica_urls: CommaList = Field(
        default=(),
        description="comma list of replicas that API servers read while they live and keep up",
        json_schema_extra={"database": True},
    )
    database_ca: str = Field(
        default="", description="CA file: TLS with a verified certificate on every MySQL connection"
    )
    database_cert: str = Field(default="", description="client certificate file, if asked for")
    database_key: str = Field(default="", description="the client certificate's key file")
    network: str = Field(
        default="",
        description="name of a file in crawler/networks/, or a path to one;"
        " empty: casper when RPC_NODES is set, else sandbox",
    )
    rpc_nodes: CommaList = Field(
        default=(), description="comma list of JSON-RPC addresses: http://127.0.0.1:7777/rpc"
    )
    rpc_min_nodes: int = Field(
        default=1, ge=1, le=100, description="fewest agreeing nodes needed to trust a head"
    )
    rpc_timeout: float = Field(default=10, gt=0, le=600, description="seconds for one call")
    rpc_concurrency: int = Field(
        default=128, ge=1, le=1024, description="calls in flight, all nodes together"
    )
    crawl_from: int = Field(default=0, ge=0, le=_HIGHEST, description="first height to hold")
    crawl_workers: int = Field(
        default_factory=lambda: min(os.cpu_count() or 1, 4),
        ge=0,
        le=64,
        description="crawler processes here (0: none); empty: number of cores, at most 4",
    )
    indexed_validators: CommaList = Field(
        default=(),
        description="comma list of public keys whose delegators' rewards are stored, or: all",
    )
    rpc_event_urls: CommaList = Field(
        default=(),
        description="comma list of nodes' event streams, to hear of new blocks at once:"
        " http://127.0.0.1:9999/events",
    )
    metrics_port: int = Field(
        default=9500, ge=1, le=65535, description="where the crawler answers /metrics and /healthz"
    )
    metrics_token: str = Field(
        default="",
        description="bearer token that /metrics asks for; empty: it answers loopback only",
        json_schema_extra={"secret": True},
    )
    rpc_learn_nodes: Literal["off", "public", "any"] = Field(
        default="off",
        description="whether nodes' peers are asked too, once they prove to hold the chain: off,"
        " public (internet addresses only) or any (private and loopback ones too)",
    )
    prices_url: str = Field(
        default="https://min-api.cryptocompare.com/data/v2/histohour",
        description="hourly CSPR/USD in the form of docs/feeds.md",
    )
    prices_api_key: str = Field(
        default="",
        description="key for PRICES_URL; empty turns prices off",
        json_schema_extra={"secret": True},
    )
    geodata_url: str = Field(
        default="",
        description="JSON list of nodes and their places, docs/feeds.md; empty: the bundled list",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="least level that is logged"
    )
    log_format: LogFormat = Field(default="console", description="console, or json for collectors")

    @field_validator("database_url")
    @classmethod
    def _supported_database(cls, value: str) -> str:
        return _check_database_url(value)

    @field_validator("database_replica_urls")
    @classmethod
    def _supported_databases(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(_check_database_url, value))

    @field_validator("rpc_nodes", "rpc_event_urls")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(check_http_url(url) for url in value))

    @field_validator("prices_url", "geodata_url")
    @classmethod
    def _address_if_any(cls, value: str) -> str:
        return check_http_url(value) if value else value

    @field_validator("prices_api_key", "metrics_token")
    @classmethod
    def _fits_a_header(cls, value: str) -> str:
        if not (value.isascii() and value.isprintable()) or " " in value:
            raise ValueError("expected printable ASCII characters without spaces")
        return value

    @field_validator("indexed_validators")
    @classmethod
    def _public_keys(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        keys = tuple(key.lower() for key in value)
        if keys != ("all",):
            for key in keys:
                if not is_public_key(key):
                    raise ValueError(f"{key!r} is no public key (01 + 64 hex or 02 + 66 hex)")
        return keys

    @field_validator("database_ca", "database_cert", "database_key")
    @classmethod
    def _readable(cls, value: str) -> str:
        if value and not Path(value).is_file():
            raise ValueError(f"no such file: {value}")
        return value

    @property
    def network_name(self) -> str:
        """What `load_network` is to load."""
        return self.network or ("casper" if self.rpc_nodes else "sandbox")


Settings = TypeVar("Settings", bound=CrawlerSettings)


def load_settings(kind: type[Settings], **overrides: Any) -> Settings:
    """Reads environment and `.env`. Raises SettingsError with one line for the first fault."""
    try:
        return kind(**overrides)
    except ValidationError as error:
        fault = error.errors()[0]
        name = str(fault["loc"][0]).upper() if fault["loc"] else "settings"
        raise SettingsError(f"{name}: {fault['msg'].removeprefix('Value error, ')}") from error
