"""What goes wrong when: drawn from a seed, and from nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

Database = Literal["sqlite", "mysql"]
Disturbance = Literal["refuse", "cut", "stall"]
"""Connections end at once, in the middle of the next piece of data, or say nothing."""
DISTURBANCES: tuple[Disturbance, ...] = ("refuse", "cut", "stall")

HORIZON_S = 1.2
"""After this everything is well again."""

FAULTS: tuple[dict[str, Any], ...] = (
    {"behind": 15},
    {"low": 60},
    {"latency_ms": 200},
    {"delay_qps": 40},
    {"rate_limit": 40},
    {"http_status": 429},
    {"http_status": 503},
    {"error_rate": 0.4},
    {"slow_body": True},
    {"down": True},
    {"cut": True},
    {"null_block": True},
    {"missing_results": True},
    {"dialect": "node-1x"},
)
OTHER_HISTORIES: tuple[dict[str, Any], ...] = (
    {"lie": "fork", "latency_ms": 0},
    {"other_chain": True, "latency_ms": 0},
)
"""Lies that no hash gives away, from the node that is fastest."""
LIES: tuple[dict[str, Any], ...] = (
    {"garbage": True},
    {"lie": "hash"},
    {"lie": "body"},
    *2 * OTHER_HISTORIES,
)


@dataclass(frozen=True, slots=True)
class NodeFaulty:
    """A node has a fault of the sandbox's."""

    node: int
    faults: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NodeCutOff:
    """The way from one machine to one node is disturbed."""

    machine: int
    node: int
    how: Disturbance


@dataclass(frozen=True, slots=True)
class DatabaseCutOff:
    """The way from one machine to the database is disturbed."""

    machine: int
    how: Disturbance


@dataclass(frozen=True, slots=True)
class DatabaseDown:
    """No machine reaches the database."""


@dataclass(frozen=True, slots=True)
class MachineKilled:
    """A machine's crawler is gone at once, and a new one starts at the end."""

    machine: int


@dataclass(frozen=True, slots=True)
class MachineStopped:
    """A machine's crawler is told to end, and a new one starts at the end."""

    machine: int


@dataclass(frozen=True, slots=True)
class HeadMoves:
    """The nodes have new blocks at the end."""

    blocks: int


Trouble = (
    NodeFaulty
    | NodeCutOff
    | DatabaseCutOff
    | DatabaseDown
    | MachineKilled
    | MachineStopped
    | HeadMoves
)


@dataclass(frozen=True, slots=True)
class Act:
    """A trouble and when it lasts, in seconds."""

    start_s: float
    end_s: float
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Schedule:
    """One run. At any time most nodes tell the truth, and the last one always answers."""

    seed: int
    database: Database
    machines: int
    nodes: int
    height: int
    blocks_per_era: int
    under_way: bool
    """Whether time counts from the first blocks that are held, or from the crawlers' start."""
    acts: tuple[Act, ...] = field(repr=False)

    def __str__(self) -> str:
        lines = [f"{act.start_s:.2f} to {act.end_s:.2f} s: {act.trouble}" for act in self.acts]
        return "\n".join([repr(self), *lines])


def schedule(seed: int) -> Schedule:
    """That seed's schedule: a third has one kind of trouble alone, half have a steady liar."""
    random = Random(seed)
    database: Database = random.choice(("sqlite", "mysql"))
    machines, nodes = random.randint(1, 3), random.randint(3, 5)
    liar = random.random() < 1 / 2
    kinds = [
        *2 * [lambda: _node_faulty(random, nodes, first=int(liar))],
        lambda: MachineKilled(random.randrange(machines)),
        lambda: MachineStopped(random.randrange(machines)),
        lambda: NodeCutOff(random.randrange(machines), random.randrange(nodes), _how(random)),
    ]
    if database == "mysql":
        kinds += [lambda: DatabaseCutOff(random.randrange(machines), _how(random)), DatabaseDown]
    if random.random() < 1 / 3:
        kinds = [random.choice(kinds)]
    acts = [_act(random, random.choice(kinds)) for _ in range(random.randint(3, 12))]
    acts += [_act(random, lambda: HeadMoves(random.randint(1, 9))) for _ in range(4)]
    if liar:  # long enough that whole ranges come from it
        acts.append(Act(0, HORIZON_S, NodeFaulty(0, random.choice(OTHER_HISTORIES))))
    return Schedule(
        seed=seed,
        database=database,
        machines=machines,
        nodes=nodes,
        height=random.randint(70, 120),
        blocks_per_era=random.randint(4, 7),
        under_way=random.random() < 3 / 4,
        acts=tuple(sorted(acts, key=lambda act: act.start_s)),
    )


def _act(random: Random, trouble: Callable[[], Trouble]) -> Act:
    start_s = random.uniform(0, HORIZON_S - 0.1)
    return Act(start_s, min(start_s + random.uniform(0.1, 0.8), HORIZON_S), trouble())


def _node_faulty(random: Random, nodes: int, *, first: int) -> NodeFaulty:
    """Of the nodes from `first` on, but never the last; less than half of all lie."""
    liars = range(first, (nodes - 1) // 2)
    if liars and random.random() < 1 / 2:
        return NodeFaulty(random.choice(liars), random.choice(LIES))
    return NodeFaulty(random.randrange(first, nodes - 1), random.choice(FAULTS))


def _how(random: Random) -> Disturbance:
    return random.choice(DISTURBANCES)
