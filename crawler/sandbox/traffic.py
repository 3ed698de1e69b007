"""What a block's transactions are: the tour's next station and seeded random requests."""

import random
from collections.abc import Iterator

from crawler.sandbox import tour
from crawler.sandbox.block import Request
from crawler.sandbox.forms import (
    OTHER_FORMS,
    STAKING_FORMS,
    TRANSFER_FORMS,
    Form,
    available,
)
from crawler.sandbox.network import CSPR, LOCKED, USERS
from crawler.sandbox.parameters import MIXTURES, ChainParameters, number

_LOCKED_SHARE = 0.02
_STAKERS = USERS[30:60]


class Traffic:
    """Requests block by block, asked for once and in order; upgrades' own blocks have none."""

    def __init__(self, parameters: ChainParameters) -> None:
        self._parameters = parameters
        self._mixture = MIXTURES[parameters.mixture]
        self._random = random.Random(f"casper-sandbox {parameters.seed}")  # noqa: S311 (no secret)
        self._fork_height = parameters.fork_height
        self._version = ""
        self._stations: Iterator[list[Request]] = iter(())
        self._stations_a_block = 1

    def next(self, height: int, era_id: int) -> list[Request]:
        """The requests of the next block, in the order of their execution."""
        if self._fork_height is not None and height >= self._fork_height:
            self._random.seed("casper-sandbox fork")
            self._fork_height = None
        self._enter(self._parameters.version_of(era_id))
        requests = [
            request
            for _, station in zip(range(self._stations_a_block), self._stations, strict=False)
            for request in station
        ]
        requests += [self._transfer() for _ in range(self._count(self._mixture.transfers))]
        requests += [
            request for _ in range(self._count(self._mixture.deploys)) for request in self._deploy()
        ]
        return requests

    def _enter(self, version: str) -> None:
        """On the first block of a version, start its tour, as dense as its eras are few."""
        if version == self._version:
            return
        self._version = version
        self._stations = iter(tour.script(number(version)))
        self._transfers = available(TRANSFER_FORMS, number(version))
        self._stakings = available(STAKING_FORMS, number(version))
        self._others = available(OTHER_FORMS, number(version))
        stations = len(tour.script(number(version)))
        self._stations_a_block = -(-stations // self._blocks_of(version))

    def _blocks_of(self, version: str) -> int:
        """Blocks with transactions while a version is in force; at most ten eras of the last."""
        firsts = [first for first, each in self._parameters.versions]
        place = [each for _, each in self._parameters.versions].index(version)
        last = firsts[place + 1] if place + 1 < len(firsts) else firsts[place] + 10
        # Its first era is a single block, where it is one by the system.
        return max(1, last - firsts[place] - 1) * self._parameters.blocks_per_era

    def _count(self, average: float) -> int:
        return int(average) + (self._random.random() < average % 1)

    def _transfer(self) -> Request:
        pick = self._random.random
        form = self._transfers[int(pick() * len(self._transfers))]
        amount = int(pick() * 2000 * CSPR) + 2_500_000_000
        transfer_id = int(pick() * 2**40) if pick() < 0.7 else None
        request = tour.transfer(form, int(pick() * 3600), amount, transfer_id)
        if form.target != "self" and pick() < _LOCKED_SHARE:
            request.initiator = LOCKED[int(pick() * len(LOCKED))]
        return request

    def _deploy(self) -> list[Request]:
        pick = self._random.random
        if pick() < self._mixture.staking_share:
            form = self._any(self._stakings)
            # A staker keeps to one validator: an era's rewards are a row for each pair.
            place = int(pick() * len(_STAKERS))
            return tour.staking(form, _STAKERS[place], place)
        amount = int(pick() * 100 * CSPR) + CSPR
        form = self._any(self._others)
        return [Request(form, USERS[int(pick() * 60)], amount, USERS[60 + int(pick() * 60)])]

    def _any(self, forms: list[Form]) -> Form:
        return forms[int(self._random.random() * len(forms))]
