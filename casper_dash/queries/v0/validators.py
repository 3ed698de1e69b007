"""Places of validators' nodes, of the newest list of peers."""

from sqlalchemy import func, select
from sqlmodel import Session

from casper_dash.queries.paging import Row, rows
from casper_dash.queries.v0.conditions import FilterColumn, Kind, Selection, selected
from casper_dash.queries.v0.functions import decimal_text, register
from crawler.models.feeds import PEER, PEER_VERSION

_VALIDATOR = "validator"
_loc = decimal_text(PEER.latitude).concat(",").concat(decimal_text(PEER.longitude))


def _text(sql: object) -> FilterColumn:
    return FilterColumn(Kind.TEXT, sql)  # type: ignore[arg-type]


COLUMNS = {
    "performance": _text(decimal_text(PEER.performance)),
    "city": _text(PEER.city),
    "region": _text(PEER.region),
    "country": _text(PEER.country),
    "loc": _text(_loc),
    "org": _text(PEER.organisation),
    "postal": _text(PEER.postal),
    "timezone": _text(PEER.timezone),
    "api_version": _text(PEER.node_version),
    "public_key": FilterColumn(Kind.HEX, PEER.public_key),
}
_ADDRESS = "address"
_WITH_KEY = {**COLUMNS, _ADDRESS: _text(PEER.address)}


def selected_validators(session: Session, wanted: Selection) -> list[Row]:
    """Nodes in the order that is wanted, by address if none; values by the names of COLUMNS.

    Reads the newest version's part of `peer`'s key.
    """
    register(session)
    newest = select(func.max(PEER_VERSION.version)).scalar_subquery()
    statement = select(*(column.sql.label(name) for name, column in COLUMNS.items()))
    statement = statement.where(PEER.version == newest, PEER.role == _VALIDATOR)
    return rows(session, selected(statement, wanted, _WITH_KEY, _ADDRESS))
