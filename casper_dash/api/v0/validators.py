"""/validators"""

from datetime import datetime

from sqlmodel import Session
from starlette.responses import Response

from casper_dash.api.caching import GROWING
from casper_dash.api.v0.answers import json_answer
from casper_dash.api.v0.errors import IncorrectQuery
from casper_dash.api.v0.filter import read_filter
from casper_dash.api.v0.parameters import Parameters
from casper_dash.api.v0.question import Question
from casper_dash.queries.v0.validators import COLUMNS, selected_validators

_KINDS = {name: column.kind for name, column in COLUMNS.items()}


def validators(parameters: Parameters) -> Question:
    """Places of validators' nodes, of the newest list."""
    wanted = read_filter(parameters.object("filter") or {}, _KINDS, set(COLUMNS))
    shown = [name for name in COLUMNS if wanted.fields is None or name in wanted.fields]

    def answer(session: Session, _now: datetime) -> Response:
        rows = selected_validators(session, wanted.selection)
        return json_answer([{name: row[name] for name in shown} for row in rows], GROWING)

    return Question(answer, refusal=IncorrectQuery)
