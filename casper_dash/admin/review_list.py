"""The list of the review page: which transfers are shown, and which are picked of all pages."""

from datetime import UTC, datetime
from functools import partial
from typing import Any, cast, get_args

import reflex as rx

from casper_dash.admin.review_filter import FIRST_VIEW, VIEWS, Typed, typed, view_of, wanted
from casper_dash.admin.review_reads import (
    Mark,
    Read,
    Wanted,
    locked_accounts,
    read_page,
    start_behind,
)
from casper_dash.admin.review_rows import (
    Clash,
    Place,
    StepRow,
    TransferRow,
    clash_of,
    newest_undoable,
    place_of,
    step_rows,
    transfer_row,
)
from casper_dash.admin.state import AdminState, Mistake
from casper_dash.auth.roles import Role
from casper_dash.auth.sessions import Person
from casper_dash.decisions.errors import Change, Refused
from casper_dash.decisions.review import Sort
from casper_dash.decisions.staging import MOST


class ReviewListState(AdminState):
    """A page of transfers, and what is picked."""

    loaded: bool = False
    fields: Typed = VIEWS[FIRST_VIEW]
    view: str = FIRST_VIEW
    sort: str = "height"
    rows: list[TransferRow] = []
    page_number: int = 1
    more: bool = False
    matching: int = 0
    counting: bool = True
    """What matches is counted with the next refresh."""
    matching_amount: str = "0"
    picked: list[str] = []
    """Keys of rows; kept while other pages are looked at."""
    picked_amount: str = "0"
    every: bool = False
    """All that the filter matches is picked, and no single row."""
    clash: Clash = Clash()
    steps: list[StepRow] = []
    undoable: int = 0
    """The own step that z undoes; 0: none."""
    vaults: list[tuple[str, str]] = []
    """Account hash and name."""
    _picks: dict[Place, tuple[int, int]] = {}
    """Version and amount of each, as they were seen."""
    _seen: dict[Place, tuple[int, int]] = {}
    """The same of the rows that are shown."""
    _starts: list[tuple[Any, ...] | None] = [None]
    """Behind which key each page up to this one begins."""
    _behind: tuple[Any, ...] | None = None
    _known: Mark | None = None
    """When all was last read, counted and compared; None: it is to be."""
    _changes: tuple[Change, ...] = ()
    _changed: int = 0
    _query: str = ""

    @rx.event
    async def refresh(self) -> None:
        """Reads everything anew."""
        person = await self.require(Role.VIEWER, active=False)
        self._follow_address()
        await self._reread(person, known=self._known, count=True)

    @rx.event
    async def narrow(self, form: dict[str, Any]) -> None:
        """Shows what matches the fields of a form."""
        person = await self.require(Role.VIEWER)
        await self._turn_to(person, typed(form))

    @rx.event
    async def show_view(self, name: str) -> None:
        """Shows a view that has a name."""
        person = await self.require(Role.VIEWER)
        if name not in VIEWS:
            raise Mistake("There is no such view.")
        await self._turn_to(person, VIEWS[name])

    @rx.event
    async def sort_by(self, name: str) -> None:
        """By height or by amount, falling; begins at the first page."""
        person = await self.require(Role.VIEWER)
        if name not in get_args(Sort):
            raise Mistake("There is no such order.")
        self.sort = name
        self._starts = [None]
        await self._reread(person)

    @rx.event
    async def turn(self, forward: bool) -> None:
        """To the next page or the one before."""
        person = await self.require(Role.VIEWER)
        if forward and self.more and self._behind is not None:
            self._starts = [*self._starts, self._behind]
        elif not forward and len(self._starts) > 1:
            self._starts = self._starts[:-1]
        await self._reread(person)

    @rx.event
    async def pick(self, key: str) -> None:
        """Picks a row that is shown, or no longer."""
        await self.require(Role.EDITOR)
        place = place_of(key)
        picks = dict(self._picks)
        if picks.pop(place, None) is None:
            picks |= self._pickable([place])
        self._pick(picks)

    @rx.event
    async def pick_page(self) -> None:
        """Picks every row that is shown."""
        await self.require(Role.EDITOR)
        self._pick(self._pickable(list(self._seen)) | self._picks)

    @rx.event
    async def pick_every(self) -> None:
        """Picks all that the filter matches, on whatever page."""
        await self.require(Role.EDITOR)
        self._pick({})
        self.every = self.matching > 0 and not self.counting

    @rx.event
    async def pick_none(self) -> None:
        """Picks nothing any more."""
        await self.require(Role.EDITOR)
        self._pick({})

    def _versions(self) -> dict[Place, int]:
        return {place: version for place, (version, _) in self._picks.items()}

    async def _turn_to(self, person: Person, fields: Typed) -> None:
        self._filter_by(fields)
        await self._reread(person)

    def _follow_address(self) -> None:
        """A link to this page can name a filter."""
        query = self.router.url.query
        if query == self._query:
            return
        self._query = query
        fields = typed(self.router.url.query_parameters)
        if fields != Typed():
            self._filter_by(fields)

    def _filter_by(self, fields: Typed) -> None:
        wanted(fields)
        self._show(fields=fields, view=view_of(fields), every=False)
        self._starts, self.counting = [None], True

    async def _reread(
        self, person: Person, *, known: Mark | None = None, count: bool = False
    ) -> None:
        """Reads anew unless nothing happened since `known`."""
        question = Wanted(
            filter=wanted(self.fields),
            sort=cast(Sort, self.sort),
            start=self._starts[-1],
            picked=self._versions(),
            known=known,
            count=count,
            locked=locked_accounts(),
        )
        try:
            found = await self.look(partial(read_page, wanted=question))
        except Refused as error:
            raise Mistake(f"{error}.") from error
        if found is not None:
            self._take(found, person)
        self._show(clash=clash_of(self._changes, self._changed, datetime.now(UTC)))

    def _take(self, found: Read, person: Person) -> None:
        now = datetime.now(UTC)
        self._seen = {(row.height, row.index): (row.version, row.amount) for row in found.rows}
        self._behind = start_behind(found.rows[-1], cast(Sort, self.sort)) if found.rows else None
        self._known = None
        if self._picks:
            conflict = found.conflict
            self._changes = conflict.changes if conflict else ()
            self._changed = conflict.count if conflict else 0
        if found.matching is not None:
            self._known = found.mark
            self._show(
                counting=False,
                matching=found.matching.transfers,
                matching_amount=str(found.matching.amount),
            )
        self._show(
            loaded=True,
            rows=[transfer_row(row) for row in found.rows],
            more=found.more,
            page_number=len(self._starts),
            steps=step_rows(found.steps),
            undoable=newest_undoable(found.steps, person.id, now),
            vaults=found.vaults,
        )

    def _pickable(self, places: list[Place]) -> dict[Place, tuple[int, int]]:
        frozen = {place_of(row.key) for row in self.rows if row.frozen}
        shown = {place: self._seen[place] for place in places if place in self._seen}
        return {place: pick for place, pick in shown.items() if place not in frozen}

    def _pick(self, picks: dict[Place, tuple[int, int]]) -> None:
        if len(picks) > MOST:
            raise Mistake(f"At most {MOST} can be picked one by one: pick all that match.")
        self._picks = picks
        if self._changes:  # of which what is picked now may hold none
            self._known = None
        self._changes, self._changed = (), 0
        self._show(
            picked=[f"{height}/{index}" for height, index in sorted(picks)],
            picked_amount=str(sum(amount for _, amount in picks.values())),
            every=False,
            clash=Clash(),
        )
