"""The panel's way to the database: one engine a process."""

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from sqlalchemy import Engine
from sqlmodel import Session

from casper_dash.settings import AppSettings
from crawler.database import make_engine, read_session, transact
from crawler.settings import load_settings

T = TypeVar("T")


@cache
def engine() -> Engine:
    """Of the database that the settings name."""
    return make_engine(load_settings(AppSettings))


def read(question: Callable[[Session], T]) -> T:
    """What `question` answers, read in a session of its own. Blocks: call it in a thread."""
    with read_session(engine()) as session:
        return question(session)


def write(change: Callable[[Session], T]) -> T:
    """What `change` answers once it is committed; as a whole again when the database was locked."""
    return transact(engine(), change)
