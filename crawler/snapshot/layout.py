"""Which tables a snapshot holds, how they are cut into files, and their Arrow columns.

A file holds the rows of one span of its table's leading key column, in the order of the primary
key: the same rows make the same bytes, whoever exports them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import pyarrow as pa
from sqlalchemy import Boolean, Column, Integer, String, Table
from sqlmodel import SQLModel

from crawler.columns import Exact, Height, Hex, Motes, UtcTime
from crawler.models.chain import (
    Balance,
    Bid,
    BidEra,
    Block,
    EraValidator,
    KnownAccount,
    Reward,
    Transfer,
)
from crawler.models.decisions import Approval, Publication, Unlock
from crawler.models.feeds import Peer, PeerVersion, Price
from crawler.models.figures import AccountDepth, DeriveState, Era, EraSupply, EraTouch
from crawler.models.legacy import LegacyBlock, LegacyEra, LegacyTransfer
from crawler.models.table import table_of
from crawler.models.work import CrawlRange, CrawlState, Sweep

FORMAT = 1
"""Raised when an older release could no longer read what is written."""
ROWS_A_GROUP = 20_000
_HEIGHTS = 100_000
_ERAS = 100


@dataclass(frozen=True, slots=True)
class Part:
    """A table of a snapshot; `span` values of its leading key column share a file (None: all)."""

    table: Table
    span: int | None = None

    @property
    def key(self) -> Column[int]:
        """The column that says which file a row is in."""
        return next(iter(self.table.primary_key))

    def file_name(self, low: int) -> str:
        """The file of the rows whose key is `low` or the `span` values from it on."""
        return str(PurePosixPath(self.table.name) / f"{low:012d}.parquet")

    def lows(self, least: int, most: int) -> Iterator[int]:
        """The first key of each file that keys from `least` to `most` are in."""
        if self.span is None:
            return iter((0,))
        return iter(range(least - least % self.span, most + 1, self.span))


def _tables(*models: type[SQLModel]) -> Iterator[Table]:
    return (table_of(model) for model in models)


def _part(model: type[SQLModel], span: int | None = None) -> Part:
    return Part(table_of(model), span)


PARTS = (
    _part(Block, _HEIGHTS),
    _part(Transfer, _HEIGHTS),
    _part(KnownAccount),
    _part(Balance),
    _part(EraValidator, _ERAS),
    _part(Reward, _ERAS),
    _part(BidEra),
    _part(Bid),
    _part(Price),
    _part(PeerVersion),
    _part(Peer),
    _part(Publication),
    _part(Unlock),
    _part(Approval, _HEIGHTS),
    _part(Era),
    _part(EraSupply),
    _part(AccountDepth),
    _part(LegacyBlock, _HEIGHTS),
    _part(LegacyTransfer, _HEIGHTS),
    _part(LegacyEra),
)
RESET = tuple(_tables(CrawlRange, CrawlState, DeriveState, EraTouch, Sweep))
"""A crawl's own state, which follows from the blocks: made anew from the manifest. Every other
table holds what a machine knows of nodes, sources and jobs: it stays as it is."""


def arrow_schema(table: Table) -> pa.Schema:
    """The columns of a table's files."""
    return pa.schema(
        [pa.field(column.name, _arrow_type(column), bool(column.nullable)) for column in table.c]
    )


def _arrow_type(column: Column[object]) -> pa.DataType:
    match column.type:
        case Motes():
            return pa.decimal128(38, 0)
        case Exact() as kind:
            return pa.decimal128(kind.precision, kind.scale)
        case Hex() as kind:
            return pa.binary(kind.length) if kind.exact else pa.binary()
        case UtcTime():
            return pa.timestamp("ms", "UTC")
        case Height() | Integer():
            return pa.int64()
        case Boolean():
            return pa.bool_()
        case String():
            return pa.string()
        case other:
            raise TypeError(f"no Arrow type for {column}: {other!r}")
