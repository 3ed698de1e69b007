"""The settings of API, pages and administration, on top of the crawler's."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from sqlalchemy.engine import make_url

from crawler.addresses import MASK, check_http_url, shown_url
from crawler.settings import CrawlerSettings


class AppSettings(CrawlerSettings):
    """Names in the environment are the fields' in capitals."""

    environment: Literal["development", "production"] = Field(
        default="development", description="production refuses debug output"
    )
    port: int = Field(default=3000, ge=1, le=65535, description="the one address of make run")
    public_url: str = Field(
        default_factory=lambda values: f"http://localhost:{values.get('port', 3000)}",
        description="address of the pages as users see it; empty: http://localhost:PORT",
    )
    api_url: str = Field(
        default="", description="address of the API as browsers see it; empty: the pages' own"
    )

    @field_validator("environment")
    @classmethod
    def _no_debug_output(cls, value: str, info: ValidationInfo) -> str:
        if value == "production" and info.data.get("log_level") == "DEBUG":
            raise ValueError("production refuses LOG_LEVEL=DEBUG, its records can hold secrets")
        return value

    @field_validator("public_url", "api_url")
    @classmethod
    def _address(cls, value: str) -> str:
        return check_http_url(value).rstrip("/") if value else value


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
