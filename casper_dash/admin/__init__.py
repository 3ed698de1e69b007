"""The admin panel: Reflex pages with state, below `/admin`.

How a page is added: one file here, and one line in `navigation.py`.

    class ThingsState(AdminState):                  # vars: only what is on screen
        things: list[ThingRow] = []

        @rx.event
        async def refresh(self) -> None:            # on load, and every two seconds after it
            await self.require(Role.VIEWER, active=False)
            self._show(things=rows(await self.look(newest_things)))

        @rx.event
        async def mend(self, key: str) -> None:
            person = await self.require(Role.EDITOR)
            change = partial(mend_thing, key=key, by=person.name)
            await self.act(person, Deed("thing.mend", f"thing {key}", change))

    REFRESH = ThingsState.refresh

    def page() -> rx.Component:
        return frame(_things(), title="Things", here="/things", refresh=REFRESH)

- Every handler begins with `require`: any browser can call it with anything, and so it can every
  other public method of a state that is not marked `@helper`. A test calls them all as nobody, as
  a viewer, and as someone dismissed meanwhile; a new page is in it by itself.
- `self._show(…)` sets only what changed, so only that is sent.
- SELECTs are in `casper_dash/queries/operation/`, actions in the packages that they concern;
  handlers call them in a thread.
- Whoever may not do something does not see its control: `for_editors(button)`.
- Looks: `components/`, style sheets in `assets/css/`, no inline styles (the policy forbids them).
"""
