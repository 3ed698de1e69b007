"""A chain of twelve eras with transfers to decide on, and curators who do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert, select
from sqlmodel import Session

from casper_dash.audit import Actor
from casper_dash.decisions.deed import Deed
from casper_dash.decisions.proposals import propose
from casper_dash.decisions.publishing import publish
from casper_dash.decisions.review import reviewed
from casper_dash.decisions.staging import Seen, stage
from crawler.database import read_session, transact
from crawler.derive.progress import ensure_first_publication
from crawler.derive.supply import derive_supply
from crawler.models.chain import KnownAccount, Transfer
from crawler.models.figures import DERIVE_STATE, Era
from crawler.network import Network
from tests import factories
from tests.factories import CSPR, GENESIS, digest

ERAS = 12
NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
ANA = Actor("ana", "Ana", "192.0.2.1")
BO = Actor("bo", "Bo", "192.0.2.2")
VAULT, EXCHANGE, HOT, COLD = (digest(name) for name in ("vault", "exchange", "hot", "cold"))
VALIDATORS_WEIGHT = 100 * CSPR

Place = tuple[int, int]


def network_with(**values: Any) -> Network:
    minimal = {
        "name": "casper-test",
        "genesis_time": GENESIS,
        "genesis_supply": 10**19 - 100 * CSPR,
        "genesis_validators_weight": VALIDATORS_WEIGHT,
        "total_supply_uref": "uref-" + "ab" * 32 + "-007",
        "rewards_released_from_era": 3,
        "unlocks": [{"hours_after_genesis": 0.05, "amount": 40 * CSPR}],
    }
    return Network.model_validate(minimal | values)


def transfer(place: Place, amount: int, **changes: Any) -> dict[str, Any]:
    height, index = place
    time = GENESIS + height * factories.BLOCK_TIME
    row = {
        "height": height,
        "index": index,
        "era_id": height // factories.BLOCKS_PER_ERA,
        "kind": "native",
        "deploy_hash": digest(f"deploy {place}"),
        "timestamp": time,
        "submitted_at": time,
        "from_account_hash": VAULT,
        "to_account_hash": HOT,
        "source": "uref-" + "11" * 32 + "-007",
        "target": "uref-" + "22" * 32 + "-007",
        "amount": amount,
        "transfer_id": None,
        "depth": 1,
    }
    return row | changes


TRANSFERS = [
    transfer((5, 0), 1 * CSPR),
    transfer((5, 1), 2 * CSPR, to_account_hash=COLD),
    transfer((17, 0), 3 * CSPR, from_account_hash=HOT, to_account_hash=EXCHANGE, depth=2),
    transfer((17, 3), 5 * CSPR, from_account_hash=COLD, to_account_hash=HOT, depth=2),
    transfer((42, 0), 7 * CSPR, from_account_hash=EXCHANGE, to_account_hash=None, depth=3),
    transfer((42, 1), 9 * CSPR, kind="staking", depth=None),
    transfer((99, 0), 11 * CSPR),
    transfer((111, 0), 13 * CSPR, from_account_hash=HOT, to_account_hash=VAULT, depth=0),
]
PLACES: list[Place] = [
    (row["height"], row["index"]) for row in TRANSFERS if row["kind"] == "native"
]
AMOUNTS = {(row["height"], row["index"]): row["amount"] for row in TRANSFERS}


def fill(engine: Engine, network: Network) -> None:
    """The chain, worked out, as publication 0 has it."""

    def change(session: Session) -> None:
        ensure_first_publication(session, network, GENESIS)
        eras = [factories.era(era_id) for era_id in range(ERAS - 1)]
        session.execute(insert(Era), eras)
        running = factories.running_era(ERAS - 1, blocks=2)
        session.execute(insert(Era), [running])
        session.execute(insert(Transfer), TRANSFERS)
        accounts = [{"account_hash": account} for account in (VAULT, EXCHANGE, HOT, COLD)]
        session.execute(insert(KnownAccount), accounts)
        derive_supply(session, network, 0, 0)

    transact(engine, change)


@dataclass
class Desk:
    """Where curators work; each deed comes a second later."""

    engine: Engine
    network: Network
    now: datetime = NOW
    told: list[tuple[int, int]] = field(default_factory=list)

    def deed(self, by: Actor = ANA, reason: str = "because") -> Deed:
        self.now += timedelta(seconds=1)
        return Deed(by, self.now, reason)

    def do(self, deed: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Calls it with a session that commits."""
        return transact(self.engine, lambda session: deed(session, *args, **named))

    def ask(self, question: Callable[..., Any], *args: Any, **named: Any) -> Any:
        with read_session(self.engine) as session:
            return question(session, *args, **named)

    def seen(self, *places: Place) -> list[Seen]:
        found = self.ask(reviewed, list(places))
        return [Seen(each.height, each.index, each.version) for each in found]

    def stage(self, decision: str, *places: Place, by: Actor = ANA, reason: str = "because"):
        return self.do(stage, self.seen(*places), decision, self.deed(by, reason))

    def propose(self, by: Actor = ANA, *, needs_second: bool = False) -> int:
        return self.do(propose, self.network, self.deed(by), needs_second=needs_second)

    def publish(self, number: int, by: Actor = ANA) -> int:
        self.now += timedelta(seconds=1)
        progress = lambda *told: self.told.append(told)  # noqa: E731
        return publish(
            self.engine, self.network, number, by, clock=lambda: self.now, progress=progress
        )

    def publish_staged(self) -> int:
        return self.publish(self.propose())

    @property
    def publication(self) -> int:
        """The one that readers see."""
        return self.ask(lambda session: session.execute(select(DERIVE_STATE.publication)).scalar())

    def published(self, place: Place) -> str | None:
        """The decision that readers see."""
        (found,) = self.ask(reviewed, [place])
        return found.published.decision if found.published else None

    def staged(self, place: Place) -> str | None:
        (found,) = self.ask(reviewed, [place])
        return found.staged.decision if found.staged else None
