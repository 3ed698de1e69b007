"""A request that has been read: what to ask the database, and what that may cost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import anyio
from sqlmodel import Session
from starlette.responses import Response

from casper_dash.api.database import Database
from casper_dash.api.problems import TooSlow
from casper_dash.api.v0.errors import Away, V0Error

Answer = Callable[[Session, datetime], Response]

_COSTLY_AT_A_TIME = 2
_WAIT_S = 5.0


@dataclass(frozen=True)
class Question:
    """`answer` gets a session and the time.

    A `costly` one may read much of a table: it waits its turn. `refusal` is the error if it takes
    longer than the database may work on a question.
    """

    answer: Answer
    costly: bool = False
    refusal: Callable[[], V0Error] = lambda: Away("This question takes too long.")


class Asker:
    """Asks the database, few costly questions at a time so that the others always get through."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], *, wait_s: float = _WAIT_S
    ) -> None:
        self._database = database
        self._clock = clock
        self._wait_s = wait_s
        self._turns = anyio.Semaphore(_COSTLY_AT_A_TIME)

    async def ask(self, question: Question) -> Response:
        """The answer. Raises a V0Error, or DatabaseAway."""
        if not question.costly:
            return await self._ask(question)
        await self._wait()
        try:
            return await self._ask(question)
        finally:
            self._turns.release()

    async def _wait(self) -> None:
        with anyio.move_on_after(self._wait_s):
            await self._turns.acquire()
            return
        raise Away("Too many costly questions at once.")

    async def _ask(self, question: Question) -> Response:
        try:
            return await self._database.ask(lambda session: question.answer(session, self._clock()))
        except TooSlow as error:
            raise question.refusal() from error
