"""Errors of what an action calls, as problems that programs read.

Refused, OrderRefused                400  it is wrong in itself
NotAllowed                           403  the role is too low
Conflict, NotPossible, StillWaiting  409  something changed meanwhile, or a rule is against it
Wait                                 429  after Retry-After
OperationalError                     503  the database is away
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError

from casper_dash.api.kinds import format_time
from casper_dash.api.problems import DatabaseAway, Problem
from casper_dash.auth.errors import AuthError, NotAllowed, Wait
from casper_dash.decisions.errors import Change, Conflict, DecisionError
from crawler.node_orders import OrderRefused
from crawler.orders import StillWaiting


class Conflicting(Problem):
    """Others were faster; `changes` says who, what and when, as far as it is known."""

    def __init__(self, conflict: Conflict) -> None:
        super().__init__(409, str(conflict))
        shown = [_shown(change) for change in conflict.changes]
        self.members = {"changes": shown, "count": conflict.count}


@contextmanager
def as_problems() -> Iterator[None]:
    """Whatever the block raises that people can do something about is a Problem."""
    try:
        yield
    except Conflict as error:
        raise Conflicting(error) from error
    except (DecisionError, OrderRefused) as error:
        raise Problem(400, str(error)) from error
    except StillWaiting as error:
        raise Problem(409, str(error)) from error
    except AuthError as error:
        raise _of_auth(error) from error
    except (OperationalError, InterfaceError) as error:
        raise DatabaseAway from error


def _of_auth(error: AuthError) -> Problem:
    if isinstance(error, Wait):
        return Problem(429, str(error), headers={"Retry-After": str(error.seconds)})
    return Problem(403 if isinstance(error, NotAllowed) else 409, str(error))


def _shown(change: Change) -> dict[str, Any]:
    at = None if change.at is None else format_time(change.at)
    return {"object": change.object, "what": change.what, "by": change.by, "at": at}
