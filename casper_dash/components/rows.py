"""The API's rows as the pages read them: only the fields that are shown. Amounts are motes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BlockPoint:
    """A block named in `/api/v1/network`."""

    height: int
    hash: str
    era_id: int
    timestamp: str


@dataclass(frozen=True)
class Network:
    """The answer of `/api/v1/network`."""

    name: str
    title: str
    sandbox: bool
    state: str
    paused_by: str | None
    paused_at: str | None
    head: BlockPoint | None
    newest: BlockPoint | None
    lag_blocks: int | None
    missing_blocks: int
    held: int
    expected: int
    protocol_version: str | None
    updated_at: str | None


@dataclass(frozen=True)
class Block:
    """A row of `/api/v1/blocks`."""

    height: int
    hash: str
    era_id: int
    timestamp: str
    proposer: str
    switch: bool
    deploys: int
    transfers: int


@dataclass(frozen=True)
class Blocks:
    """The answer of `/api/v1/blocks`."""

    data: list[Block]


@dataclass(frozen=True)
class Era:
    """A row of `/api/v1/eras`."""

    id: int
    complete: bool
    final: bool
    start_block: int
    end_block: int | None
    start: str
    end: str | None
    weight: str | None
    total_supply: str | None
    deploys: int
    transfers: int
    staked: str
    unstaked: str
    validators: int | None
    delegators: int | None
    circulating_supply: str | None
    circulating_transfers: str | None
    circulating_unlocks: str | None
    circulating_rewards: str | None


@dataclass(frozen=True)
class Eras:
    """The answer of `/api/v1/eras`."""

    data: list[Era]
