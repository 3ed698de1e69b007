"""Answers the listing of a declared resource: one JSON page, or CSV and NDJSON of the whole."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from casper_dash.api.caching import GROWING, NO_STORE, PUBLIC_HEADERS, SETTLED
from casper_dash.api.cursor import CURSOR, decode_cursor, encode_cursor
from casper_dash.api.database import Database
from casper_dash.api.forms import JSON, MEDIA_TYPES, STREAMED, StreamForm
from casper_dash.api.kinds import Field, choice, render_rows, whole
from casper_dash.api.negotiation import acceptable
from casper_dash.api.parameters import Parameter, fields_parameter, read_query, read_value
from casper_dash.api.problems import NotAcceptable, ParameterError, WrongParameters
from casper_dash.api.resource import Listing, Resource
from casper_dash.queries.paging import Page, Row

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000

_PAGING = (
    Parameter(
        "limit",
        whole(1, MAX_LIMIT),
        "At most so many rows. CSV and NDJSON hold the whole selection without it.",
        default=str(DEFAULT_LIMIT),
    ),
    Parameter("cursor", CURSOR, "The `next` of the answer to the same query."),
    Parameter(
        "format",
        choice(*MEDIA_TYPES),
        "The form of the answer, whatever `Accept` says.",
        default="json",
    ),
)

Endpoint = Callable[[Request], Awaitable[Response]]


def listing_parameters(resource: Resource, listing: Listing) -> tuple[Parameter, ...]:
    """Every parameter that the listing takes, its own first."""
    default = "desc" if listing.descending else "asc"
    order = Parameter("order", choice("asc", "desc"), "Rising or falling.", default=default)
    return (*listing.parameters, order, *_PAGING, fields_parameter(resource.fields))


@dataclass(frozen=True)
class Selection:
    """What one request asks of a listing.

    `name` is the same for each page of it, `ceiling` the bound of the key that was asked for.
    """

    listing: Listing
    wanted: Any
    page: Page
    fields: tuple[Field, ...]
    key: tuple[Field, ...]
    name: str
    ceiling: int | None

    def cursor(self, row: Row) -> str:
        """Where the next page begins if this one ends at `row`."""
        return encode_cursor(self.name, self.key, row)

    def behind(self, row: Row) -> Page:
        """The page behind `row`."""
        start = tuple(row[field.name] for field in self.key)
        return Page(self.page.limit, self.page.descending, start)


def listing_endpoint(resource: Resource, listing: Listing, database: Database) -> Endpoint:
    """What answers GET on the resource's path."""
    parameters = listing_parameters(resource, listing)
    within = listing.within

    async def answer(request: Request) -> Response:
        values = read_query(request.scope["query_string"], parameters)
        if within is not None:
            values[within.key] = read_value(within, request.path_params[within.name])
        form = STREAMED.get(_media_type(request, values))
        if form is None:
            selection = _selection(resource, listing, values)
            return await database.ask(lambda session: _json_page(session, selection))
        if "limit" in values:
            selection = _selection(resource, listing, values)
            return await database.ask(lambda session: _page(session, selection, form))
        selection = _selection(resource, listing, values | {"limit": MAX_LIMIT})
        return await _whole(selection, form, database, head_only=request.method == "HEAD")

    return answer


def _media_type(request: Request, values: Mapping[str, Any]) -> str:
    if "format" in values:
        return MEDIA_TYPES[values["format"]]
    offered = tuple(MEDIA_TYPES.values())
    found = acceptable(request.headers.get("accept", ""), offered)
    if found is None:
        raise NotAcceptable(offered)
    return found


def _selection(resource: Resource, listing: Listing, values: Mapping[str, Any]) -> Selection:
    own = {each.key for each in (*listing.parameters, listing.within) if each is not None}
    filters = {key: value for key, value in values.items() if key in own}
    descending = values["order"] == "desc" if "order" in values else listing.descending
    name = f"{resource.path} {descending} {sorted(filters.items())}"
    named = {field.name: field for field in resource.fields}
    key_names = listing.sorts.get(values.get(listing.sorted_by, ""), listing.key)
    key = tuple(named[name] for name in key_names)
    start = _start(values["cursor"], name, key) if "cursor" in values else None
    return Selection(
        listing=listing,
        wanted=listing.filter(**filters),
        page=Page(values.get("limit", DEFAULT_LIMIT), descending, start),
        fields=values.get("fields", resource.fields),
        key=key,
        name=name,
        ceiling=filters.get(listing.ceiling),
    )


def _start(cursor: str, name: str, key: tuple[Field, ...]) -> tuple[Any, ...]:
    try:
        return decode_cursor(cursor, name, key)
    except ValueError as error:
        detail = "is of another query, or no cursor at all"
        raise WrongParameters(ParameterError("cursor", detail, CURSOR.allowed)) from error


@dataclass(frozen=True)
class _Batch:
    """Rows of one page as they were read; `more` says that others follow."""

    rows: list[Row]
    more: bool
    cache_control: str


def _batch(session: Session, selection: Selection, page: Page) -> _Batch:
    one_more = Page(page.limit + 1, page.descending, page.start)
    found = selection.listing.select(session, selection.wanted, one_more)
    rows, more = list(found.rows[: page.limit]), len(found.rows) > page.limit
    bounds = [] if found.settled_to < 0 else _tops(selection, page, rows[-1:] if more else [])
    settled = found.settled or any(bound <= found.settled_to for bound in bounds)
    return _Batch(rows, more, SETTLED if settled else GROWING)


def _tops(selection: Selection, page: Page, last: list[Row]) -> list[int]:
    """What no value of the key's first field on this page can ever be above."""
    bounds = [] if selection.ceiling is None else [selection.ceiling]
    if page.descending and page.start is not None:
        bounds.append(page.start[0])
    if not page.descending:
        bounds += [row[selection.key[0].name] for row in last]
    return bounds


def _json_page(session: Session, selection: Selection) -> Response:
    batch = _batch(session, selection, selection.page)
    content = {
        "data": list(render_rows(selection.fields, batch.rows)),
        "next": selection.cursor(batch.rows[-1]) if batch.more else None,
    }
    return _response(orjson.dumps(content), JSON, batch.cache_control)


def _page(session: Session, selection: Selection, form: StreamForm) -> Response:
    return _only_batch(selection, form, _batch(session, selection, selection.page))


def _only_batch(selection: Selection, form: StreamForm, batch: _Batch) -> Response:
    body = form.head(selection.fields) + _encode(form, selection, batch)
    return _response(body, form.media_type, batch.cache_control)


def _response(body: bytes, media_type: str, cache_control: str) -> Response:
    headers = {**PUBLIC_HEADERS, "Cache-Control": cache_control}
    return Response(body, media_type=media_type, headers=headers)


async def _whole(
    selection: Selection, form: StreamForm, database: Database, *, head_only: bool
) -> Response:
    """What fits one batch is answered at once, with an ETag; more goes out batch by batch."""
    batch = await database.ask(lambda session: _batch(session, selection, selection.page))
    if not batch.more:
        return _only_batch(selection, form, batch)
    headers = {**PUBLIC_HEADERS, "Cache-Control": NO_STORE}
    pieces = _nothing() if head_only else _pieces(selection, form, database, batch)
    return StreamingResponse(pieces, media_type=form.media_type, headers=headers)


async def _nothing() -> AsyncIterator[bytes]:
    yield b""


async def _pieces(
    selection: Selection, form: StreamForm, database: Database, batch: _Batch
) -> AsyncIterator[bytes]:
    yield form.head(selection.fields) + _encode(form, selection, batch)
    while batch.more:
        page = selection.behind(batch.rows[-1])
        batch, piece = await database.ask(partial(_piece, selection, form, page))
        yield piece


def _piece(
    selection: Selection, form: StreamForm, page: Page, session: Session
) -> tuple[_Batch, bytes]:
    batch = _batch(session, selection, page)
    return batch, _encode(form, selection, batch)


def _encode(form: StreamForm, selection: Selection, batch: _Batch) -> bytes:
    return form.rows(render_rows(selection.fields, batch.rows))
