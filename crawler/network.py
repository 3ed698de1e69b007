"""A network's constants, read from a TOML file of `crawler/networks/` or of the user's own."""

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from crawler.addresses import check_http_url
from crawler.parse.keys import account_hash

_BUNDLED = files("crawler") / "networks"

MotesText = Annotated[int, Field(ge=0, lt=10**38)]
PublicKey = Annotated[
    str, StringConstraints(to_lower=True, pattern=r"^(?i:01[0-9a-f]{64}|02[0-9a-f]{66})$")
]
ContractHash = Annotated[
    str,
    StringConstraints(to_lower=True, pattern=r"^(?i:(hash-)?[0-9a-f]{64})$"),
    AfterValidator(lambda value: value.removeprefix("hash-")),
]


def _in_utc(time: datetime) -> datetime:
    return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)


UtcDatetime = Annotated[datetime, AfterValidator(_in_utc)]
"""UTC, also where the file names no zone."""
_MOST_HOURS = 1_000_000


class NetworkFileError(ValueError):
    """The network file cannot be used; the message says where and what was expected."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UnlockStep(_Strict):
    """One step of the validators' first unlock schedule, at a date or so long after genesis."""

    date: UtcDatetime | None = None
    hours_after_genesis: float | None = Field(default=None, ge=0, le=_MOST_HOURS)
    amount: MotesText

    @model_validator(mode="after")
    def _one_time(self) -> "UnlockStep":
        if (self.date is None) == (self.hours_after_genesis is None):
            raise ValueError("give either date or hours_after_genesis")
        return self


class Treasury(_Strict):
    """An issue into a locked purse: not in circulation."""

    era: int = Field(ge=1)
    amount: MotesText
    purse: str


class Network(_Strict):
    """What a crawl must know of a network before it asks a node."""

    name: str = Field(min_length=1)
    title: str = ""
    sandbox: bool = False
    genesis_time: UtcDatetime
    genesis_supply: MotesText
    genesis_validators_weight: Annotated[int, Field(gt=0, lt=10**38)]
    total_supply_uref: Annotated[
        str, StringConstraints(to_lower=True, pattern=r"^(?i:uref-[0-9a-f]{64}-[0-7]{3})$")
    ]
    auction_contract: ContractHash | None = None
    rewards_released_from_era: int = Field(default=0, ge=0)
    locked_public_keys: tuple[PublicKey, ...] = ()
    rpc_nodes: tuple[Annotated[str, AfterValidator(check_http_url)], ...] = ()
    unlocks: tuple[UnlockStep, ...] = ()
    treasuries: tuple[Treasury, ...] = ()

    @property
    def locked_accounts(self) -> frozenset[str]:
        """Account hashes whose outgoing transfers start the depth count at 1."""
        return frozenset(map(account_hash, self.locked_public_keys))

    def unlock_schedule(self, genesis: datetime) -> list[tuple[datetime, int]]:
        """(UTC time, motes), oldest first; steps counted from genesis use `genesis`."""
        steps: dict[datetime, int] = {}
        for step in self.unlocks:
            time = _step_time(step, genesis)
            steps[time] = steps.get(time, 0) + step.amount
        return sorted(steps.items())


def _step_time(step: UnlockStep, genesis: datetime) -> datetime:
    if step.date is None:
        # whole milliseconds, as the database and the chain keep times
        return genesis + timedelta(milliseconds=round((step.hours_after_genesis or 0) * 3_600_000))
    return step.date


@dataclass(frozen=True)
class _Source:
    label: str
    text: str


def load_network(name_or_path: str) -> Network:
    """The network of that bundled name, or of the file at that path.

    Raises NetworkFileError naming the file and the key that is wrong, or the names there are.
    """
    source = _read(name_or_path)
    try:
        values = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise NetworkFileError(f"network file {source.label}: not TOML: {error}") from error
    try:
        return Network.model_validate(values)
    except ValidationError as error:
        raise NetworkFileError(f"network file {source.label}: {_first(error)}") from error


def _read(name_or_path: str) -> _Source:
    bundled = _BUNDLED / f"{name_or_path}.toml"
    if re.fullmatch(r"[\w-]+", name_or_path) and bundled.is_file():
        return _Source(f"{name_or_path}.toml", bundled.read_text(encoding="utf-8"))
    path = Path(name_or_path)
    try:
        return _Source(str(path), path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        names = ", ".join(sorted(Path(item.name).stem for item in _BUNDLED.iterdir()))
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise NetworkFileError(
            f"NETWORK={name_or_path}: neither a bundled network ({names}) nor a readable file"
            f" ({reason})"
        ) from error


def _first(error: ValidationError) -> str:
    fault: Any = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place}: {fault['msg']}" if place else str(fault["msg"])
