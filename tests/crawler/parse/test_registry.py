import json

import pytest

from crawler.parse.errors import ParseError
from crawler.parse.registry import parse_system_contracts

AUCTION = "cd" * 32


def _registry(*entries: dict[str, object]) -> bytes:
    return json.dumps({"stored_value": {"CLValue": {"parsed": list(entries)}}}).encode()


def test_system_contracts_are_named_with_their_lower_case_hashes():
    result = _registry({"key": "auction", "value": AUCTION.upper()})

    assert parse_system_contracts(result) == {"auction": AUCTION}


@pytest.mark.parametrize("value", ["cd", 7, None, "hash-" + AUCTION])
def test_a_contract_that_is_no_hash_is_an_error(value: object):
    with pytest.raises(ParseError, match="query_global_state"):
        parse_system_contracts(_registry({"key": "auction", "value": value}))
