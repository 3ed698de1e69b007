"""The filter against an evaluator that looks at each row of the answer, on both databases."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casper_dash.api.v0.blocks import block as ask_blocks
from casper_dash.api.v0.errors import NotFound, V0Error
from casper_dash.api.v0.parameters import Parameters
from crawler.database import read_session, write_session
from tests.factories import BLOCK_TIME, CSPR, GENESIS, block, digest, era, era_supply, store

HEIGHTS = range(24)
EXAMPLES = 150
ROWS = {
    "blocks": [
        block(height, staked=height * CSPR // 3, unstaked=2 * CSPR - 1, state_root_hash="ab" * 32)
        for height in HEIGHTS
    ],
    "eras": [era(0), era(1)],
    "supplies": [era_supply(0), era_supply(1, rewards=-CSPR - 1)],
    "derive": [{"id": 0, "depth_to": -1, "publication": 0}],
}


@pytest.fixture
def blocks(engine):
    """Answers /block's filter straight from the database: rows, or the name of the error."""
    with write_session(engine) as session:
        store(session, **ROWS)

    def ask(wanted):
        with read_session(engine) as session:
            try:
                question = ask_blocks(Parameters({"filter": json.dumps(wanted)}))
                return json.loads(question.answer(session, GENESIS).body)
            except NotFound:
                return []
            except V0Error as error:
                return error.message

    return ask


def time_of(height):
    time = GENESIS + height * BLOCK_TIME
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


NUMBERS = ["blockHeight", "eraId", "stakedThisBlock", "circulatingSupply", "rewards", "switch"]
TEXTS = ["blockHash", "stateRootHash"]
numbers = st.one_of(
    st.integers(-3, 30),
    st.floats(-3, 30, allow_nan=False).map(lambda value: round(value, 2)),
    st.sampled_from([322, 19, 2**63, -(2**70), 1e40]),
)
texts = st.one_of(
    st.sampled_from([digest(f"block {height}") for height in HEIGHTS] + ["ab" * 32, "AB" * 32]),
    st.text(alphabet="0123456789abcdefABCDEFz", max_size=6),
)
times = st.sampled_from([time_of(height) for height in range(-1, 26)])
wildcards = st.text(alphabet="0123456789abcdefABCDEF%_", max_size=5)
patterns = st.from_regex(r"\A\^?[0-9a-f]{1,2}(\.\*|\[a-c\]|[0-9]\+)?[0-9a-f]?\$?\Z")


def operands(values):
    return st.one_of(
        st.tuples(st.sampled_from(["eq", "neq"]), st.one_of(values, st.none())),
        st.tuples(st.sampled_from(["gt", "gte", "lt", "lte"]), values),
        st.tuples(st.just("between"), st.lists(values, min_size=2, max_size=2)),
        st.tuples(st.sampled_from(["inq", "nin"]), st.lists(values, max_size=4)),
    )


in_text = st.one_of(
    st.tuples(st.sampled_from(["like", "nlike"]), wildcards),
    st.tuples(st.just("regexp"), patterns),
)
tests = st.one_of(
    st.tuples(st.sampled_from(NUMBERS), operands(numbers)),
    st.tuples(st.sampled_from(TEXTS), st.one_of(operands(texts), in_text)),
    st.tuples(st.sampled_from(["blockHeight", "stakedThisBlock"]), in_text),
    st.tuples(st.just("timestamp"), operands(times)),
)
leaves = st.lists(tests, max_size=3).map(
    lambda found: {column: dict([operator]) for column, operator in found}
)
wheres = st.recursive(
    leaves,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "and": st.lists(inner, max_size=3),
            "or": st.lists(inner, min_size=1, max_size=3),
        },
    ),
    max_leaves=6,
)


def holds(where, row):
    """What the grammar's words say of one row, naively."""
    for name, value in where.items():
        if name == "and":
            if not all(holds(each, row) for each in value):
                return False
        elif name == "or":
            if not any(holds(each, row) for each in value):
                return False
        elif not all(compares(operator, row[name], each) for operator, each in value.items()):
            return False
    return True


def compares(operator, held, operand):
    if operator in ("like", "nlike"):
        matched = re.fullmatch(
            "".join({"%": ".*", "_": "."}.get(each, re.escape(each)) for each in operand),
            as_text(held),
            re.IGNORECASE,
        )
        return (matched is not None) == (operator == "like")
    if operator == "regexp":
        return re.search(operand, as_text(held)) is not None
    if operand is None:
        return operator == "neq"
    held, operand = folded(held), folded(operand)
    return {
        "eq": lambda: held == operand,
        "neq": lambda: held != operand,
        "gt": lambda: held > operand,
        "gte": lambda: held >= operand,
        "lt": lambda: held < operand,
        "lte": lambda: held <= operand,
        "between": lambda: operand[0] <= held <= operand[1],
        "inq": lambda: held in operand,
        "nin": lambda: held not in operand,
    }[operator]()


def folded(value):
    if isinstance(value, list):
        return [folded(each) for each in value]
    return value.lower() if isinstance(value, str) else value


def as_text(value):
    return str(int(value) if isinstance(value, bool) else value)


unhurried = settings(
    max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@unhurried
@given(where=wheres)
def test_a_filter_finds_the_rows_of_which_its_words_are_true(blocks, where):
    every = blocks({})

    assert blocks({"where": where}) == [row for row in every if holds(where, row)]


@unhurried
@given(
    order=st.lists(
        st.tuples(
            st.sampled_from([*NUMBERS, *TEXTS, "timestamp"]), st.sampled_from(["ASC", "desc"])
        ),
        min_size=1,
        max_size=3,
        unique_by=lambda key: key[0],
    ),
    limit=st.integers(1, 30),
    skip=st.integers(0, 30),
)
def test_an_order_sorts_by_its_keys_and_ties_by_height(blocks, order, limit, skip):
    rows = blocks({})
    if all(name != "blockHeight" for name, _ in order):
        order = [*order, ("blockHeight", order[0][1])]
    for name, direction in reversed(order):
        rows.sort(key=lambda row, name=name: row[name], reverse=direction == "desc")

    text = ", ".join(f"{name} {direction}" for name, direction in order)
    assert blocks({"order": text, "limit": limit, "skip": skip}) == rows[skip : skip + limit]


NAMES = ["blockHeight", "blockHash", "timestamp"]
WORDS = ["where", "and", "or", "fields", "order", "eq", "like", "regexp", "between", "inq", *NAMES]
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=9),
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.text(max_size=5), st.sampled_from(WORDS)), inner, max_size=3),
    ),
    max_leaves=12,
)


@unhurried
@given(wanted=st.dictionaries(st.sampled_from(["where", "fields", "order", "limit"]), anything))
def test_any_filter_gets_rows_or_a_refusal(blocks, wanted):
    answer = blocks(wanted)

    assert isinstance(answer, list) or answer == "Incorrect query" or "Invalid data" in answer
