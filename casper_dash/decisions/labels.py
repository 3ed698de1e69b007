"""Names, comments, kinds and sources of accounts, with their history.

`known_account` holds what readers see: name and comment of public labels.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, insert, or_, select
from sqlmodel import Session

from casper_dash.decisions import curation
from casper_dash.decisions.deed import Deed
from casper_dash.decisions.errors import Change, Conflict, Refused
from casper_dash.decisions.words import optional
from crawler.database import upsert
from crawler.models.chain import KNOWN_ACCOUNT, TRANSFER, KnownAccount
from crawler.models.drafts import (
    LABEL,
    LABEL_CHANGE,
    LABEL_COMMENT_CHARACTERS,
    LABEL_NAME_CHARACTERS,
    LABEL_SOURCE_CHARACTERS,
    Label,
    LabelChange,
)
from crawler.parse.keys import is_hash

KINDS = ("exchange", "foundation", "treasury", "vault", "validator", "team", "contract", "other")


@dataclass(frozen=True, slots=True)
class LabelValues:
    """What an account is called; None: nothing. Readers see name and comment where `public`."""

    name: str | None = None
    comment: str | None = None
    kind: str | None = None
    source: str | None = None
    public: bool = True


@dataclass(frozen=True, slots=True)
class Labelled:
    """A label as it stands. `version` is what a change must name, 0: never edited here."""

    account_hash: str
    values: LabelValues
    version: int


def set_label(
    session: Session, account_hash: str, values: LabelValues, deed: Deed, *, seen: int
) -> int:
    """Saves a label; its new version.

    Raises Conflict where it is no longer at the version `seen`, Refused where a value does not fit
    or the account is not known.
    """
    wanted = checked_values(values)
    if not is_hash(account_hash):
        raise Refused("an account is named by its account hash: 64 hexadecimal digits")
    curation.locked(session)
    held = label_of(session, account_hash)
    if held.version != seen:
        raise Conflict([_last_change(session, held)])
    if not _is_known(session, account_hash):
        raise Refused(f"no account {account_hash} is known")
    version = held.version + 1
    columns = {"account_hash": account_hash, "version": version, **asdict(wanted)}
    session.execute(insert(LabelChange).values(**columns, **deed.columns))
    changed = (*asdict(wanted), "version")
    upsert(session, Label, [columns], lambda new: {name: new[name] for name in changed})
    _show(session, account_hash, wanted)
    before, after = asdict(held.values), asdict(wanted)
    deed.record(session, "label.set", f"account {account_hash}", before=before, after=after)
    return version


def label_of(session: Session, account_hash: str) -> Labelled:
    """The label of an account, with what an import or an earlier release named it."""
    return labels_of(session, [account_hash])[account_hash]


def labels_of(session: Session, accounts: Sequence[str]) -> dict[str, Labelled]:
    """Account hash → its label, for each of these. Reads by key."""
    shown = select(KNOWN_ACCOUNT.account_hash, KNOWN_ACCOUNT.name, KNOWN_ACCOUNT.comment)
    shown = shown.where(KNOWN_ACCOUNT.account_hash.in_(accounts))
    own = select(*LABEL).where(LABEL.account_hash.in_(accounts))
    found = {account: Labelled(account, LabelValues(), 0) for account in accounts}
    for row in session.execute(shown):
        values = LabelValues(row.name, row.comment)
        found[row.account_hash] = Labelled(row.account_hash, values, 0)
    for row in session.execute(own):
        values = LabelValues(row.name, row.comment, row.kind, row.source, row.public)
        found[row.account_hash] = Labelled(row.account_hash, values, row.version)
    return found


def label_history(session: Session, account_hash: str) -> Sequence[Row[Any]]:
    """Every version with who, when and why, newest first. Reads by key."""
    question = select(*LABEL_CHANGE).where(LABEL_CHANGE.account_hash == account_hash)
    return session.execute(question.order_by(LABEL_CHANGE.version.desc())).all()


def checked_values(values: LabelValues) -> LabelValues:
    """The values without white space around them. Raises Refused where one does not fit."""
    kind = optional("a type", values.kind, 16)
    if kind is not None and kind not in KINDS:
        raise Refused(f"a type is one of {', '.join(KINDS)}")
    return LabelValues(
        optional("a name", values.name, LABEL_NAME_CHARACTERS),
        optional("a comment", values.comment, LABEL_COMMENT_CHARACTERS),
        kind,
        optional("a source", values.source, LABEL_SOURCE_CHARACTERS),
        values.public,
    )


def _show(session: Session, account_hash: str, values: LabelValues) -> None:
    shown = {"name": values.name, "comment": values.comment}
    row = shown if values.public else dict.fromkeys(shown)
    upsert(
        session,
        KnownAccount,
        [{"account_hash": account_hash, **row}],
        lambda new: {name: new[name] for name in shown},
    )


def _is_known(session: Session, account_hash: str) -> bool:
    key = select(KNOWN_ACCOUNT.account_hash).where(KNOWN_ACCOUNT.account_hash == account_hash)
    if session.execute(key).first() is not None:
        return True
    party = or_(
        TRANSFER.from_account_hash == account_hash, TRANSFER.to_account_hash == account_hash
    )
    return session.execute(select(TRANSFER.height).where(party).limit(1)).first() is not None


def _last_change(session: Session, held: Labelled) -> Change:
    name = f"account {held.account_hash}"
    history = label_history(session, held.account_hash)
    if not history:
        return Change(name, "has no label of that version")
    return Change(name, f"was named {history[0].name!r}", history[0].by, history[0].at)
