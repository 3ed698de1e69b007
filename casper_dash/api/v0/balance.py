"""/accountBalance: from what is stored, else from a node, at a bounded cost to nodes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from casper_dash.api.caching import UNCHANGING, newest
from casper_dash.api.database import Database
from casper_dash.api.quota import CLIENT
from casper_dash.api.v0.account_id import account_hash_of
from casper_dash.api.v0.allowance import Allowance
from casper_dash.api.v0.answers import text_answer
from casper_dash.api.v0.errors import Away, MissingParameter, NotFound, TooManyQuestions
from casper_dash.api.v0.nodes import NodeBalances, NodesAway
from casper_dash.api.v0.parameters import Parameters
from casper_dash.queries.blocks import block_at, newest_block
from casper_dash.queries.paging import Row
from casper_dash.queries.v0.accounts import stored_balance

_BURST, _PER_S, _CLIENTS_AT_ONCE = 20, 1, 5
_HEIGHT_DIGITS = 18


@dataclass(frozen=True)
class _Found:
    """The block, and the stored balance after it: null in it means that nodes had none."""

    block: Row
    stored: Row | None


class AccountBalance:
    """Answers the one endpoint that needs more than the database."""

    def __init__(
        self, database: Database, nodes: NodeBalances | None, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._nodes = nodes
        self._clock = clock
        self._allowance = Allowance(
            burst=_BURST,
            per_s=_PER_S,
            clients_at_once=_CLIENTS_AT_ONCE,
            now=lambda: clock().timestamp(),
        )

    async def answer(self, request: Request, parameters: Parameters) -> Response:
        """Motes as text. Raises NotFound, Away, TooManyQuestions."""
        account, height = parameters.text("account"), parameters.text("blockHeight")
        if not account:
            raise MissingParameter("account")
        account_hash = account_hash_of(account)
        if account_hash is None:
            raise NotFound
        question = partial(_look_up, account_hash=account_hash, height=height or None)
        found = await self._database.ask(question)
        balance = await self._balance(request, account_hash, found)
        if balance is None:
            raise NotFound
        held = UNCHANGING if height else newest(found.block["timestamp"], self._clock())
        return text_answer(str(balance), held)

    async def _balance(self, request: Request, account_hash: str, found: _Found) -> int | None:
        if found.stored is not None:
            stored: int | None = found.stored["balance"]
            return stored
        if self._nodes is None:
            raise Away("No node is asked here, and this balance is not stored.")
        wait_s = self._allowance.take(request.scope[CLIENT])
        if wait_s:
            raise TooManyQuestions(wait_s)
        block = found.block
        try:
            return await self._nodes.balance(account_hash, block["hash"], block["height"])
        except NodesAway as error:
            raise Away("No node answers.") from error


def _look_up(session: Session, account_hash: str, height: str | None) -> _Found:
    block = newest_block(session) if height is None else _block(session, height.strip())
    if block is None:
        raise NotFound
    return _Found(block, stored_balance(session, account_hash, block["height"]))


def _block(session: Session, height: str) -> Row | None:
    if not (height.isascii() and height.isdigit() and len(height) <= _HEIGHT_DIGITS):
        return None
    return block_at(session, int(height))
