"""Filters kept in the address, shown as a row of links of which one is current."""

import json

import reflex as rx

from casper_dash.components.browser import BrowserVar, hook, var


class Filter:
    """The address's parameter `name`; `choices` maps its values to labels."""

    def __init__(self, name: str, label: str, choices: dict[str, str], *, default: str) -> None:
        self._choices = choices
        self._label = label
        self._constant = f"{name}Filter"
        call = f"useQuery({json.dumps(name)}, {json.dumps(list(choices))}, {json.dumps(default)})"
        self._needs = hook("query", "useQuery", f"const {self._constant} = {call}")

    @property
    def value(self) -> BrowserVar:
        """The chosen value, always one of the choices."""
        return self._var("value")

    def links(self) -> rx.Component:
        """One link a choice; a click changes the address, not the page."""
        return rx.el.div(
            *(self._link(value, label) for value, label in self._choices.items()),
            class_name="segmented",
            role="group",
            aria_label=self._label,
        )

    def _link(self, value: str, label: str) -> rx.Component:
        return rx.el.a(
            label,
            to=self._var(f"href({json.dumps(value)})"),
            replace=True,
            prevent_scroll_reset=True,
            aria_current=rx.cond(self.value == value, "true", "false"),
        )

    def _var(self, part: str) -> BrowserVar:
        return var(f"{self._constant}.{part}", self._needs)
