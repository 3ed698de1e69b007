import pytest

from crawler.parse.errors import ParseError
from crawler.parse.supply import parse_balance, parse_total_supply
from tests.crawler.parse.builders import cl_amount, supply_answer, to_json

SUPPLY = 14_433_609_569_450_000_000


@pytest.mark.parametrize(
    "cl_value",
    [
        cl_amount(SUPPLY),
        {**cl_amount(SUPPLY), "parsed": SUPPLY},
        {**cl_amount(SUPPLY), "parsed": None},
        {"cl_type": "U512", "bytes": cl_amount(SUPPLY)["bytes"]},
        {"cl_type": "U512", "parsed": str(SUPPLY)},
    ],
)
def test_total_supply_is_read_from_bytes_or_parsed_or_both(cl_value):
    assert parse_total_supply(supply_answer(cl_value)) == SUPPLY


@pytest.mark.parametrize(
    "cl_value",
    [
        {**cl_amount(SUPPLY), "parsed": str(SUPPLY + 1)},
        {**cl_amount(SUPPLY), "cl_type": "U256"},
        {**cl_amount(SUPPLY), "bytes": "0901"},
        {**cl_amount(SUPPLY), "bytes": "zz"},
        {**cl_amount(SUPPLY), "parsed": -1},
        {**cl_amount(SUPPLY), "parsed": 1.5},
        {"cl_type": "U512", "parsed": 2**512},
        {"cl_type": "U512"},
    ],
)
def test_a_supply_that_contradicts_itself_is_refused(cl_value):
    with pytest.raises(ParseError, match=r"^query_global_state: "):
        parse_total_supply(supply_answer(cl_value))


def test_another_stored_value_is_no_supply():
    with pytest.raises(ParseError, match="missing required field `CLValue`"):
        parse_total_supply(to_json({"stored_value": {"Account": {}}}))


@pytest.mark.parametrize("field", ["balance_value", "balance", "total_balance"])
def test_a_balance_is_read_from_each_method_that_tells_it(field):
    assert parse_balance(to_json({"api_version": "1.5.6", field: "12"})) == 12


@pytest.mark.parametrize("answer", [{}, {"balance": "12", "balance_value": "12"}, {"balance": 12}])
def test_anything_else_is_no_balance(answer):
    with pytest.raises(ParseError, match=r"^query_balance: "):
        parse_balance(to_json(answer))
