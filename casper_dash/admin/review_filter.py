"""The filter of the review page: what was typed, checked and made what the database is asked.

Pure. Amounts are typed in CSPR.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, get_args

from casper_dash.admin.state import Mistake
from casper_dash.decisions.errors import Refused
from casper_dash.decisions.selection import ReviewFilter, Status
from crawler.parse.keys import account_hash, is_hash

_MOTES = 10**9
_LONGEST = 100
_CSPR = re.compile(r"([0-9]{1,30})(?:\.([0-9]{1,9}))?")


@dataclass(frozen=True)
class Typed:
    """What stands in the fields, "" where nothing does."""

    status: str = ""
    vault: str = ""
    depth: str = ""
    account: str = ""
    direction: str = ""
    label: str = ""
    min_cspr: str = ""
    max_cspr: str = ""
    from_era: str = ""
    to_era: str = ""


VIEWS = {
    "Unreviewed ≥ 1 M": Typed(status="undecided", min_cspr="1000000"),
    "Unreviewed": Typed(status="undecided"),
    "Deferred": Typed(status="deferred"),
    "Staged": Typed(status="staged"),
    "All": Typed(),
}
FIRST_VIEW = "Unreviewed ≥ 1 M"


def typed(form: Mapping[str, Any]) -> Typed:
    """The fields that a form or an address has; whatever else stands in it is left out."""
    texts = {field.name: form.get(field.name) for field in fields(Typed)}
    return Typed(
        **{name: text.strip()[:_LONGEST] for name, text in texts.items() if isinstance(text, str)}
    )


def wanted(fields: Typed) -> ReviewFilter:
    """Raises Mistake, which names the field, for what cannot be."""
    if fields.status not in ("", *get_args(Status)):
        raise Mistake("There is no such status.")
    if fields.direction not in ("", "in", "out"):
        raise Mistake("There is no such direction.")
    try:
        return ReviewFilter(
            account=_account(fields.account),
            direction=fields.direction or None,  # type: ignore[arg-type]
            label=fields.label or None,
            vault=_account(fields.vault),
            depths=() if (depth := _whole("Hop", fields.depth)) is None else (depth,),
            statuses=(fields.status,) if fields.status else (),  # type: ignore[arg-type]
            from_era=_whole("From era", fields.from_era),
            to_era=_whole("To era", fields.to_era),
            min_amount=_motes("At least", fields.min_cspr),
            max_amount=_motes("At most", fields.max_cspr),
        )
    except Refused as error:
        raise Mistake(f"{error}.") from error


def view_of(fields: Typed) -> str:
    """The view that this is; "" for none."""
    return next((name for name, view in VIEWS.items() if view == fields), "")


def _account(text: str) -> str | None:
    text = text.lower().removeprefix("account-hash-")
    if not text or is_hash(text):
        return text or None
    try:
        return account_hash(text)
    except ValueError as error:
        raise Mistake(
            "Account: a public key, or an account hash of 64 hexadecimal digits."
        ) from error


def _whole(name: str, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise Mistake(f"{name}: a whole number is needed.")
    return int(text)


def _motes(name: str, text: str) -> int | None:
    plain = text.replace(" ", "").replace("\u2009", "")
    if not plain:
        return None
    found = _CSPR.fullmatch(plain)
    if found is None:
        raise Mistake(f"{name}: an amount in CSPR with at most nine decimals is needed.")
    return int(found[1]) * _MOTES + int((found[2] or "").ljust(9, "0"))
