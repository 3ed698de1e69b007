import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parse.envelope import read_envelope
from crawler.parse.errors import ErrorAnswer, ParseError
from tests.crawler.parse.builders import to_json


def test_the_result_is_handed_on_as_json_text():
    body = b'{"jsonrpc":"2.0","id":1,"result":{"block":null}}'

    assert bytes(read_envelope(body)) == b'{"block":null}'


def test_an_error_answer_keeps_its_code_message_and_data():
    error = {"code": -32602, "message": "Invalid params", "data": "must be an array"}

    with pytest.raises(ErrorAnswer, match=r"Invalid params \(-32602\)") as caught:
        read_envelope(to_json({"jsonrpc": "2.0", "id": 1, "error": error}))

    answer = caught.value
    assert (answer.code, answer.data) == (-32602, "must be an array")
    assert answer.available_block_range is None


def test_a_missing_block_tells_what_the_node_holds():
    data = {"message": "gone", "available_block_range": {"low": 5, "high": 9}}
    error = {"code": -32001, "message": "No such block", "data": data}

    with pytest.raises(ErrorAnswer) as caught:
        read_envelope(to_json({"jsonrpc": "2.0", "id": 1, "error": error}))

    assert caught.value.available_block_range == (5, 9)


@pytest.mark.parametrize("held", [None, {}, {"low": 5}, {"low": -1, "high": 9}, "5..9"])
def test_a_block_range_of_any_other_form_is_not_told(held):
    data = {"available_block_range": held}
    error = {"code": -32001, "message": "No such block", "data": data}

    with pytest.raises(ErrorAnswer) as caught:
        read_envelope(to_json({"jsonrpc": "2.0", "error": error}))

    assert caught.value.available_block_range is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>502 Bad Gateway</html>",
        b"[]",
        b'{"result":{}}',
        b'{"jsonrpc":"2.0","id":1}',
        b'{"jsonrpc":"1.0","result":{}}',
        b'{"jsonrpc":"2.0","error":{"message":"no code"}}',
        b'{"jsonrpc":"2.0","error":{"code":1,"message":"\xff"}}',
        b'{"jsonrpc":"2.0","result":' + b"[" * 100_000,
    ],
)
def test_anything_else_is_no_answer(body):
    with pytest.raises(ParseError, match=r"^JSON-RPC: "):
        read_envelope(body)


@given(st.binary())
def test_any_bytes_are_refused_in_the_same_way(body):
    with pytest.raises(ParseError):
        read_envelope(body)
