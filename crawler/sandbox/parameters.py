"""What makes one sandbox chain differ from another, and its timetable of protocol versions."""

from dataclasses import dataclass
from functools import cached_property

from crawler.sandbox import network
from crawler.sandbox.forms import Version
from crawler.sandbox.network import Treasury


@dataclass(frozen=True, slots=True)
class Mixture:
    """Transactions in a block on average; a share of the deploys is staking."""

    transfers: float
    deploys: float
    staking_share: float = 1 / 6


MIXTURES = {
    "light": Mixture(transfers=0.26, deploys=0.35),
    "mixed": Mixture(transfers=1, deploys=1),
    "busy": Mixture(transfers=5, deploys=5),
}
CHECKSUMMED_VERSION = "1.4.3"
SMALLEST_UPGRADE_ERA = 8


@dataclass(frozen=True)
class ChainParameters:
    """Everything that the chain's bytes depend on, besides its live blocks' times."""

    seed: int = 1
    blocks_per_era: int = 20
    mixture: str = "light"
    upgrade_era: int = 24
    """First era of 2.0.0."""
    genesis_time_ms: int = network.GENESIS_TIME_MS
    chain_name: str = network.NAME
    fork_height: int | None = None
    """From here on the traffic is another: a consistent chain that no honest node has."""

    def __post_init__(self) -> None:
        if self.mixture not in MIXTURES:
            raise ValueError(f"mixture must be one of {', '.join(MIXTURES)}, not {self.mixture}")
        if self.blocks_per_era < 2:
            raise ValueError(f"an era needs at least 2 blocks, not {self.blocks_per_era}")
        if self.upgrade_era < SMALLEST_UPGRADE_ERA:
            raise ValueError(f"upgrade_era must be {SMALLEST_UPGRADE_ERA} or more")

    @cached_property
    def block_interval_ms(self) -> int:
        """Time between two blocks of the history."""
        return network.ERA_HOURS * 3_600_000 // self.blocks_per_era

    @cached_property
    def versions(self) -> tuple[tuple[int, str], ...]:
        """First era of each protocol version, rising."""
        upgrade = self.upgrade_era
        return (
            (0, "1.0.0"),
            (upgrade // 3, CHECKSUMMED_VERSION),
            (upgrade * 11 // 24, "1.4.4"),
            (upgrade * 2 // 3, "1.5.2"),
            (upgrade, "2.0.0"),
            (upgrade + 4, "2.0.4"),
            (self.treasury_era, "2.2.0"),
        )

    @cached_property
    def treasury_era(self) -> int:
        """The era whose upgrade mints the treasury; it also turns a part of rewards aside."""
        return self.upgrade_era + 16

    @cached_property
    def treasuries(self) -> tuple[Treasury, ...]:
        """What the network file names: one that never came to be, and one that did."""
        return (
            Treasury(self.upgrade_era + 6, network.IGNORED_TREASURY_AMOUNT,
                     network.SUSTAIN_PURSE),
            Treasury(self.treasury_era, network.TREASURY_AMOUNT, network.TREASURY_PURSE),
        )  # fmt: skip

    def version_of(self, era_id: int) -> str:
        return next(version for first, version in reversed(self.versions) if first <= era_id)

    def is_immediate(self, era_id: int) -> bool:
        """Whether the era is one switch block by the system: genesis, and upgrades from 1.5 on."""
        version = self.version_of(era_id)
        return (era_id, version) in self.versions and (era_id == 0 or number(version) >= (1, 5, 0))


def number(version: str) -> Version:
    """A protocol version that compares as it should."""
    major, minor, patch = version.split(".")
    return int(major), int(minor), int(patch)
