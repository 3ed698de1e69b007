"""The figures of the sandbox's eras and its circulating supply, from the simulation's events."""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from crawler.sandbox import network, truth
from crawler.sandbox.chain import Chain
from crawler.sandbox.truth import BlockTruth

HOUR_MS = 3_600_000
RUNNING_ERA_AHEAD_MS = 2 * HOUR_MS


@dataclass(frozen=True, slots=True)
class EraTruth:
    era_id: int
    complete: bool
    start_height: int
    end_height: int | None
    start_ms: int
    end_ms: int | None
    weight: int
    total_supply: int
    """After its last block; while it runs, after its first."""
    deploys: int
    transfers: int
    staked: int
    unstaked: int
    redelegated: int
    transfer_volume: int
    """Motes of native transfers."""
    validators_rewards: int
    delegators_rewards: int
    validators: int | None
    delegators: int | None


@dataclass(frozen=True, slots=True)
class CirculatingTruth:
    """Circulating supply of an era in publication 0: no transfer is approved."""

    era_id: int
    transfers: int
    unlocks: int
    rewards: int
    treasuries: int
    """Motes that treasuries in force keep out of `rewards`."""

    @property
    def circulating(self) -> int:
        return self.transfers + self.unlocks + self.rewards


def eras(chain: Chain) -> list[EraTruth]:
    """Every era that has a block, by rising id."""
    grouped: dict[int, list[BlockTruth]] = {}
    for block in truth.blocks(chain):
        grouped.setdefault(block.era_id, []).append(block)
    announced = {era: sum(each.values()) for era, each in truth.weights(chain).items()}
    weights = {0: network.GENESIS_VALIDATORS_WEIGHT, **announced}
    moved: Counter[int] = Counter()
    for transfer in truth.transfers(chain):
        moved[transfer.era_id] += transfer.amount if transfer.kind == "native" else 0
    return [_era(blocks, weights[era_id], moved[era_id]) for era_id, blocks in grouped.items()]


def circulating(chain: Chain) -> list[CirculatingTruth]:
    """The same eras' circulating supply."""
    found = []
    kept = 0
    previous_supply = network.GENESIS_SUPPLY
    for era in eras(chain):
        rise = era.total_supply - previous_supply
        kept += sum(
            treasury.amount
            for treasury in chain.parameters.treasuries
            if treasury.era_id == era.era_id and rise >= Fraction(9, 10) * treasury.amount
        )
        previous_supply = era.total_supply
        found.append(_circulating(era, chain.parameters.genesis_time_ms, kept))
    return found


def _era(blocks: list[BlockTruth], weight: int, transfer_volume: int) -> EraTruth:
    first, last = blocks[0], blocks[-1]
    complete = last.switch
    return EraTruth(
        era_id=first.era_id,
        complete=complete,
        start_height=first.height,
        end_height=last.height if complete else None,
        start_ms=first.timestamp_ms,
        end_ms=last.timestamp_ms if complete else None,
        weight=weight,
        total_supply=last.total_supply if complete else first.total_supply,
        deploys=sum(block.deploys for block in blocks),
        transfers=sum(block.transfers for block in blocks),
        staked=sum(block.staked for block in blocks),
        unstaked=sum(block.unstaked for block in blocks),
        redelegated=sum(block.redelegated for block in blocks),
        transfer_volume=transfer_volume,
        validators_rewards=last.validators_rewards or 0,
        delegators_rewards=last.delegators_rewards or 0,
        validators=last.validators,
        delegators=last.delegators,
    )


def _circulating(era: EraTruth, genesis_ms: int, kept: int) -> CirculatingTruth:
    until_ms = era.start_ms + RUNNING_ERA_AHEAD_MS if era.end_ms is None else era.end_ms
    unlocks = sum(
        unlock.amount
        for unlock in network.unlocks()
        if genesis_ms + unlock.hours_after_genesis * HOUR_MS <= until_ms
    )
    rewards = era.total_supply - network.GENESIS_SUPPLY - kept
    if era.era_id < network.REWARDS_RELEASED_FROM_ERA:
        share = Fraction(unlocks, network.GENESIS_VALIDATORS_WEIGHT)
        rewards = _rounded_half_up(rewards * share)
    return CirculatingTruth(era.era_id, 0, unlocks, rewards, kept)


def _rounded_half_up(amount: Fraction) -> int:
    return (amount + Fraction(1, 2)).__floor__()
