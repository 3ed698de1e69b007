"""Labels of accounts: listed, found, edited one by one, and imported from a file."""

from typing import Any

import reflex as rx
from sqlmodel import Session

from casper_dash.admin.csv_paste import ErrorRow
from casper_dash.admin.deciding import decided, deed_of
from casper_dash.admin.labels_rows import (
    ChangeRow,
    LabelRow,
    PastRow,
    change_row,
    label_row,
    past_row,
)
from casper_dash.admin.people_forms import text
from casper_dash.admin.state import AdminState, Mistake
from casper_dash.auth.roles import Role
from casper_dash.decisions.labels import (
    LabelValues,
    label_history,
    label_of,
    labels_of,
    set_label,
)
from casper_dash.decisions.labels_csv import (
    MOST_CHARACTERS,
    LabelPreview,
    import_labels,
    preview_labels,
)
from casper_dash.queries.operation.labels import labelled_accounts
from crawler.parse.keys import account_hash, is_hash, is_public_key

_SHOWN = 50
_NONE = LabelRow()


class LabelsState(AdminState):
    """A page of labels, the one that is edited, and a file on its way."""

    loaded: bool = False
    rows: list[LabelRow] = []
    after: str = ""
    """Accounts above this one are shown."""
    more: bool = False
    chosen: LabelRow = _NONE
    """The one that is edited; its account is "" for none."""
    past: list[PastRow] = []
    """Of the chosen one."""
    importing: bool = False
    errors: list[ErrorRow] = []
    changes: list[ChangeRow] = []
    change_count: int = 0
    looked: bool = False
    confirming: bool = False
    _shown: LabelPreview | None = None

    @rx.event
    async def refresh(self) -> None:
        """Reads everything anew."""
        await self.require(Role.VIEWER, active=False)
        await self._reread()

    @rx.event
    async def turn(self, onward: bool) -> None:
        """The next labels, or the first ones again."""
        await self.require(Role.VIEWER)
        self.after = self.rows[-1].account_hash if onward and self.rows else ""
        await self._reread()

    @rx.event
    async def find(self, form: dict[str, Any]) -> None:
        """Opens the label of a public key or an account hash."""
        await self.require(Role.VIEWER)
        await self._open(_account(text(form, "account")))

    @rx.event
    async def choose(self, account: str) -> None:
        """Opens a label, with its past."""
        await self.require(Role.VIEWER)
        await self._open(_account(account))

    @rx.event
    async def close(self) -> None:
        """Closes what is open; nothing was saved."""
        await self.require(Role.VIEWER)
        self._close()

    @rx.event
    async def save(self, form: dict[str, Any]) -> None:
        """Saves the label that is open."""
        person = await self.require(Role.EDITOR)
        deed, seen, account = deed_of(person, form), self.chosen.version, self.chosen.account_hash
        if not account:
            raise Mistake("Choose an account first.")
        values = LabelValues(
            text(form, "name"),
            text(form, "comment", longest=1000),
            text(form, "kind"),
            text(form, "source", longest=1000),
            bool(form.get("public")),
        )

        def change(session: Session) -> int:
            return set_label(session, account, values, deed, seen=seen)

        await self.change(decided(change), f"The label of {account[:6]}…{account[-6:]} is saved.")
        self._close()
        await self._reread()

    @rx.event
    async def begin_import(self) -> None:
        """Opens the form for a file."""
        await self.require(Role.EDITOR)
        self._close()
        self.importing = True

    @rx.event
    async def look_at(self, form: dict[str, Any]) -> None:
        """Says what the file would change, or what is wrong in which line."""
        await self.require(Role.EDITOR)
        content = str(form.get("file", ""))[: MOST_CHARACTERS + 1]
        found = await self.look(lambda session: preview_labels(session, content))
        changes = [change_row(line) for line in found.lines if line.changes]
        self._shown = found
        self._show(
            errors=[ErrorRow(one.line, one.message) for one in found.errors[:_SHOWN]],
            changes=changes[:_SHOWN],
            change_count=len(changes),
            looked=not found.errors,
        )

    @rx.event
    async def confirm(self) -> None:
        """Asks why the file is imported."""
        await self.require(Role.EDITOR)
        self.confirming = self.looked and bool(self.change_count)

    @rx.event
    async def import_file(self, form: dict[str, Any]) -> None:
        """Saves what the preview showed: all of it or nothing."""
        person = await self.require(Role.EDITOR)
        shown, deed = self._shown, deed_of(person, form)
        if shown is None or not self.looked:
            raise Mistake("Look first at what the file would change.")

        def change(session: Session) -> int:
            return import_labels(session, shown, deed)

        count = await self.change(decided(change), "")
        self.say(f"{count} labels are saved.")
        self._close()
        await self._reread()

    async def _open(self, account: str) -> None:
        def read(session: Session) -> tuple[LabelRow, list[PastRow]]:
            past = [past_row(row) for row in label_history(session, account)[:_SHOWN]]
            return label_row(label_of(session, account)), past

        row, past = await self.look(read)
        self._show(chosen=row, past=past)

    def _close(self) -> None:
        self._shown = None
        nothing: dict[str, Any] = {"errors": [], "changes": [], "change_count": 0, "past": []}
        self._show(chosen=_NONE, importing=False, looked=False, confirming=False, **nothing)

    async def _reread(self) -> None:
        after = self.after

        def read(session: Session) -> tuple[list[str], dict[str, Any]]:
            accounts = labelled_accounts(session, after=after, limit=_SHOWN + 1)
            return accounts, labels_of(session, accounts)

        accounts, held = await self.look(read)
        rows = [label_row(held[account]) for account in accounts[:_SHOWN]]
        self._show(loaded=True, rows=rows, more=len(accounts) > _SHOWN)


REFRESH = LabelsState.refresh


def _account(given: str) -> str:
    """The account hash that a public key or a hash names. Raises Mistake."""
    word = str(given).strip().lower().removeprefix("account-hash-")
    if is_public_key(word):
        return account_hash(word)
    if not is_hash(word):
        raise Mistake("That is neither a public key nor an account hash.")
    return word
