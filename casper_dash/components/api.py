"""The JSON API as Vars: what a page shows follows the API without a reload or a socket."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from casper_dash.components.browser import BrowserVar, hook, var


@dataclass(frozen=True)
class Resource:
    """One address of the API, asked again and again.

    `data` is the last good answer or null, kept through failures; `error` is the newest
    request's failure (`path`, `detail`, `code`, `requestId`) or null; `stale` says that both
    hold; `loading` that nothing came yet; `at` is the time of `data` in milliseconds.
    """

    data: BrowserVar
    error: BrowserVar
    stale: BrowserVar
    loading: BrowserVar
    at: BrowserVar
    retry: BrowserVar


def resource(
    name: str,
    path: str | rx.Var[str],
    row: type,
    *,
    every_ms: int | BrowserVar = 0,
    version: BrowserVar | None = None,
) -> Resource:
    """The resource at `path`, whose answer has the shape of the dataclass `row`.

    `name` is its JavaScript constant, one for each resource of a page. It is asked again every
    `every_ms` (0: never) while the tab is visible, and when `version` changes; while `version`
    is null, not at all.
    """
    address = rx.Var.create(path)
    if version is None:
        version = rx.Var.create("")
    options = f"{{everyMs: {every_ms!s}, version: {version!s}}}"
    statement = f"const {name} = useResource({address!s}, {options})"
    needs = hook("api", "useResource", statement, reads=rx.Var.create([address, version]))

    def part(field: str, kind: Any) -> BrowserVar:
        return var(f"{name}.{field}", needs, kind)

    return Resource(
        data=part("data", row),
        error=part("error", dict[str, str]),
        stale=part("stale", bool),
        loading=part("loading", bool),
        at=part("at", int),
        retry=part("retry", rx.EventChain),
    )


def api_link(text: str, path: str | rx.Var[str]) -> rx.Component:
    """A link to the API's own answer, wherever the API is."""
    needs = hook("api", "useApiUrl", "const apiUrl = useApiUrl()")
    # Without reload_document the router would look for a page of that name.
    return rx.el.a(text, to=var("apiUrl", needs) + path, reload_document=True)
