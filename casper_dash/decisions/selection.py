"""Which transfers a curator looks at: filters that combine, as conditions of SQL.

Only native transfers are decided on.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import product
from operator import ge, le
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session

from casper_dash.decisions.errors import Refused
from casper_dash.queries.paging import given
from casper_dash.queries.published import APPROVED, SEEN_PUBLICATION
from casper_dash.queries.transfers import Direction
from crawler.models.chain import KNOWN_ACCOUNT, TRANSFER, Transfer
from crawler.models.decisions import APPROVAL, Approval
from crawler.models.drafts import LABEL, STAGED_DECISION, StagedDecision
from crawler.models.table import table_of
from crawler.parse.keys import is_hash

Status = Literal["undecided", "approved", "rejected", "deferred", "staged"]

_END = 2**63
MOST_ACCOUNTS = 5000
"""A label or a vault that stands for more accounts makes too long a question."""
NATIVE = TRANSFER.kind == "native"
STAGED = table_of(Transfer).outerjoin(
    table_of(StagedDecision),
    and_(STAGED_DECISION.height == TRANSFER.height, STAGED_DECISION.index == TRANSFER.index),
)
"""Transfers with what is staged for them."""

Conditions = list[ColumnElement[bool]]


@dataclass(frozen=True)
class ReviewFilter:
    """Which transfers; what is left out does not matter. Bounds are inclusive, amounts in motes.

    `account` and `vault` are account hashes; `direction` is seen from `account`, or from the
    accounts that are called `label`. `vault` follows a locked account's transfers over three
    hops. A status other than staged and deferred is a published one, without anything staged.
    """

    account: str | None = None
    direction: Direction | None = None
    label: str | None = None
    vault: str | None = None
    depths: tuple[int, ...] = ()
    statuses: tuple[Status, ...] = ()
    from_era: int | None = None
    to_era: int | None = None
    min_amount: int | None = None
    max_amount: int | None = None

    def __post_init__(self) -> None:
        """Raises Refused for what no column could hold."""
        for account in (self.account, self.vault):
            if account is not None and not is_hash(account):
                raise Refused("an account is named by its account hash: 64 hexadecimal digits")
        for number, end in (
            *((self.from_era, _END), (self.to_era, _END)),
            *((self.min_amount, 10**38), (self.max_amount, 10**38)),
            *((depth, _END) for depth in self.depths),
        ):
            if number is not None and not 0 <= number < end:
                raise Refused(f"{number} is out of bounds")
        if set(self.statuses) - set(get_args(Status)):
            raise Refused(f"a status is one of {', '.join(get_args(Status))}")


def branches(session: Session, wanted: ReviewFilter) -> list[Conditions]:
    """Conditions on STAGED of selections without a common row that make the wanted one together.

    Reads ix_transfer_from, ix_transfer_to, ix_transfer_era or ix_transfer_amount, else by height.
    """
    common = [NATIVE, *_own(wanted), *_status(wanted.statuses)]
    common += _from_vault(session, wanted.vault)
    sides = product(
        _sides(None if wanted.account is None else [wanted.account], wanted.direction),
        _sides(_called(session, wanted.label), wanted.direction),
    )
    return [[*common, *one, *other] for one, other in sides]


def _own(wanted: ReviewFilter) -> Conditions:
    conditions = given(
        (ge, TRANSFER.era_id, wanted.from_era),
        (le, TRANSFER.era_id, wanted.to_era),
        (ge, TRANSFER.amount, wanted.min_amount),
        (le, TRANSFER.amount, wanted.max_amount),
    )
    if wanted.depths:
        conditions.append(TRANSFER.depth.in_(sorted(set(wanted.depths))))
    return conditions


def _status(wanted: Collection[Status]) -> Conditions:
    nothing = STAGED_DECISION.decision.is_(None)
    meanings: dict[Status, ColumnElement[bool]] = {
        "undecided": and_(nothing, APPROVED.is_(None)),
        "approved": and_(nothing, _decided(True)),
        "rejected": and_(nothing, _decided(False)),
        "deferred": STAGED_DECISION.decision == "defer",
        "staged": STAGED_DECISION.decision.in_(["approve", "reject"]),
    }
    if not wanted:
        return []
    return [or_(*(meanings[status] for status in sorted(set(wanted))))]


def _decided(approved: bool) -> ColumnElement[bool]:
    """Whether readers see that decision. A server begins with the approvals where it is rare,
    which it could not with `APPROVED`. Reads approvals by key."""
    later = aliased(table_of(Approval))
    overruled = select(later.c.height).where(
        *(later.c.height == APPROVAL.height, later.c.index == APPROVAL.index),
        *(later.c.publication > APPROVAL.publication, later.c.publication <= SEEN_PUBLICATION),
    )
    newest = select(APPROVAL.height).where(
        *(APPROVAL.height == TRANSFER.height, APPROVAL.index == TRANSFER.index),
        *(APPROVAL.approved.is_(approved), APPROVAL.publication <= SEEN_PUBLICATION),
    )
    return newest.where(~overruled.exists()).exists()


def _sides(accounts: Sequence[str] | None, direction: Direction | None) -> list[Conditions]:
    if accounts is None:
        return [[]]
    received = TRANSFER.to_account_hash.in_(accounts)
    sent = TRANSFER.from_account_hash.in_(accounts)
    if direction is not None:
        return [[received if direction == "in" else sent]]
    elsewhere = or_(TRANSFER.to_account_hash.not_in(accounts), TRANSFER.to_account_hash.is_(None))
    return [[received], [sent, elsewhere]]


def _called(session: Session, name: str | None) -> list[str] | None:
    """Accounts of that name, whoever may see it. Reads ix_label_name, ix_known_account_name."""
    if name is None:
        return None
    hidden = select(LABEL.account_hash).where(LABEL.name == name)
    shown = select(KNOWN_ACCOUNT.account_hash).where(KNOWN_ACCOUNT.name == name)
    return _bounded("a label", session.execute(hidden.union(shown)).scalars().all())


def _from_vault(session: Session, vault: str | None) -> Conditions:
    """Transfers out of a vault, and of the accounts that its money reached in two hops."""
    if vault is None:
        return []
    first = [vault]
    second = _reached(session, first, 1)
    third = _reached(session, second, 2)
    hops = [
        and_(TRANSFER.depth == depth, TRANSFER.from_account_hash.in_(accounts))
        for depth, accounts in enumerate((first, second, third), start=1)
        if accounts
    ]
    everyone = sorted({*first, *second, *third})
    # the second condition lets the index of senders be read: an OR over depths would not
    return [or_(*hops), TRANSFER.from_account_hash.in_(everyone)] if hops else [false()]


def _reached(session: Session, accounts: Sequence[str], depth: int) -> list[str]:
    question = (
        select(TRANSFER.to_account_hash)
        .where(TRANSFER.from_account_hash.in_(accounts), TRANSFER.depth == depth)
        .where(TRANSFER.to_account_hash.is_not(None))
        .distinct()
        .limit(MOST_ACCOUNTS + 1)
    )
    return _bounded("a vault", session.execute(question).scalars().all())


def _bounded(name: str, accounts: Sequence[Any]) -> list[str]:
    if len(accounts) > MOST_ACCOUNTS:
        raise Refused(f"{name} stands for more than {MOST_ACCOUNTS} accounts: filter by account")
    return sorted(accounts)
