import json
from urllib.parse import quote

import pytest

from casper_dash.api.app import create_app
from casper_dash.api.operation import Operation
from casper_dash.api.v0.errors import IncorrectQuery
from casper_dash.api.v0.filter import read_filter
from casper_dash.queries.v0 import blocks as block_queries
from casper_dash.queries.v0.conditions import Kind
from tests.casper_dash.api.clients import asking
from tests.factories import block, digest

pytestmark = pytest.mark.anyio

SEVEN = digest("block 7")


async def heights(ask, where, **others):
    answer = await ask("/block", filter={"where": where, **others})
    if answer.status_code == 404:
        return []
    assert answer.status_code == 200, answer.text
    return [row["blockHeight"] for row in answer.json()]


async def assert_incorrect(answer):
    assert answer.status_code == 400
    assert answer.json() == {
        "error": {"statusCode": 400, "name": "Error", "message": "Incorrect query"}
    }


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"blockHeight": 7}, [7]),
        ({"blockHeight": "7"}, [7]),
        ({"blockHeight": {"eq": 7.0}}, [7]),
        ({"blockHeight": True}, [1]),
        ({"blockHeight": None}, []),
        ({"blockHeight": {"neq": None}, "eraId": 3}, [30, 31, 32, 33, 34]),
        ({"blockHeight": {"neq": 31}, "eraId": 3}, [30, 32, 33, 34]),
        ({"blockHeight": {"gt": 32}}, [33, 34]),
        ({"blockHeight": {"gt": 32.5}}, [33, 34]),
        ({"blockHeight": {"gte": 32.5}}, [33, 34]),
        ({"blockHeight": {"lt": 1.5}}, [0, 1]),
        ({"blockHeight": {"lte": 1.5}}, [0, 1]),
        ({"blockHeight": {"lt": 2}}, [0, 1]),
        ({"blockHeight": {"lte": 2}}, [0, 1, 2]),
        ({"blockHeight": {"lt": -1e300}}, []),
        ({"blockHeight": {"between": [5, 7]}}, [5, 6, 7]),
        ({"blockHeight": {"between": [4.5, 7.5]}}, [5, 6, 7]),
        ({"blockHeight": {"between": [7, 5]}}, []),
        ({"blockHeight": {"inq": [3, "4", 99, 1.5]}}, [3, 4]),
        ({"blockHeight": {"inq": []}}, []),
        ({"blockHeight": {"nin": []}, "eraId": 3}, [30, 31, 32, 33, 34]),
        ({"blockHeight": {"nin": [30, 31]}, "eraId": 3}, [32, 33, 34]),
        ({"blockHeight": {"nin": [1.5]}, "eraId": 3}, [30, 31, 32, 33, 34]),
        ({"blockHeight": {"like": "3_"}}, [30, 31, 32, 33, 34]),
        ({"blockHeight": {"nlike": "%"}}, []),
        ({"blockHeight": {"regexp": "^3[12]$"}}, [31, 32]),
        ({"switch": True}, [9, 19, 29]),
        ({"switch": "true"}, [9, 19, 29]),
        ({"switch": {"neq": False}}, [9, 19, 29]),
        ({"switch": {"inq": ["false"]}, "eraId": 3}, [30, 31, 32, 33, 34]),
        ({"blockHash": SEVEN.upper()}, [7]),
        ({"blockHash": {"inq": [SEVEN, "no hash"]}}, [7]),
        ({"blockHash": {"nin": [SEVEN]}, "blockHeight": {"between": [6, 8]}}, [6, 8]),
        ({"blockHash": "no hash"}, []),
        ({"blockHash": {"neq": "no hash"}, "eraId": 3}, [30, 31, 32, 33, 34]),
        ({"blockHash": {"between": [SEVEN[:9].upper(), SEVEN]}}, [7]),
        ({"blockHash": {"gte": SEVEN.upper(), "lte": SEVEN}}, [7]),
        ({"blockHash": {"like": f"%{SEVEN[5:40].upper()}%"}}, [7]),
        ({"blockHash": {"regexp": SEVEN[:20]}}, [7]),
        ({"blockHash": {"regexp": SEVEN[:20].upper()}}, []),
        ({"blockHash": {"regexp": f"/{SEVEN[:20].upper()}/i"}}, [7]),
        ({"timestamp": "2026-11-24T12:00:56Z"}, [7]),
        ({"timestamp": {"lt": "2026-11-24T14:00:16+02:00"}}, [0, 1]),
        ({"timestamp": {"between": ["2026-11-24T12:00:08Z", "2026-11-24T12:00:16Z"]}}, [1, 2]),
        ({"stakedThisBlock": {"gt": 32}}, [33, 34]),
        ({"and": [{"blockHeight": {"gt": 5}}, {"blockHeight": {"lt": 8}}]}, [6, 7]),
        ({"or": [{"blockHeight": 5}, {"blockHeight": 8}]}, [5, 8]),
        ({"or": [{"blockHeight": 5}, {"eraId": 3}], "blockHeight": {"lt": 32}}, [5, 30, 31]),
        ({"and": [], "blockHeight": 3}, [3]),
        ({"or": [{"and": [{"or": [{"blockHeight": 3}]}]}]}, [3]),
    ],
)
async def test_conditions(ask, chain, where, found):
    assert await heights(ask, where) == found


async def test_every_operator_of_an_object_counts(ask, chain):
    assert await heights(ask, {"blockHeight": {"gt": 1, "lt": 4}}) == [2, 3]


@pytest.mark.parametrize(
    "where",
    [
        {"nosuch": 1},
        {"prevBlockTime": 0},
        {"id": 1},
        {"block_hash": "x"},
        {"blockHeight; DROP TABLE block": 1},
        {"blockHeight": {"near": 1}},
        {"blockHeight": {"ilike": "1"}},
        {"blockHeight": {"nilike": "1"}},
        {"blockHeight": {"exists": True}},
        {"blockHeight": {"nosuch": 1}},
        {"blockHeight": {}},
        {"blockHeight": [1]},
        {"blockHeight": "one"},
        {"blockHeight": ""},
        {"blockHeight": {"gt": None}},
        {"blockHeight": {"between": [1]}},
        {"blockHeight": {"between": 1}},
        {"blockHeight": {"between": {"0": 1, "1": 2}}},
        {"blockHeight": {"inq": 1}},
        {"blockHeight": {"inq": [None]}},
        {"blockHeight": {"inq": [[1]]}},
        {"timestamp": "2026-11-24"},
        {"timestamp": "2026-11-24T12:00:00"},
        {"timestamp": "2026-02-30T12:00:00Z"},
        {"timestamp": 1},
        {"timestamp": {"like": "2026%"}},
        {"blockHash": {"like": "a\\"}},
        {"blockHash": {"regexp": "("}},
        {"not": {"blockHeight": 1}},
        {"nor": [{"blockHeight": 1}]},
        {"and": {"blockHeight": 1}},
        {"and": [1]},
        {"or": []},
        [],
        "blockHeight",
        None,
    ],
)
async def test_conditions_that_cannot_be_run_are_refused(ask, chain, where):
    await assert_incorrect(await ask("/block", filter={"where": where}))


@pytest.mark.parametrize(
    "given",
    [
        {"include": "era"},
        {"include": []},
        {"nosuch": 1},
        {"order": []},
        {"order": "nosuch"},
        {"order": "blockHeight UP"},
        {"order": "blockHeight, "},
        {"order": 1},
        {"order": None},
        {"order": [["blockHeight"]]},
        {"limit": -1},
        {"limit": 1.5},
        {"limit": "ten"},
        {"limit": [1]},
        {"limit": True},
        {"skip": -1},
        {"offset": -1},
        {"skip": "one"},
    ],
)
async def test_a_filter_that_cannot_be_run_is_refused(ask, chain, given):
    await assert_incorrect(await ask("/block", filter=given))
    await assert_incorrect(await ask("/era", filter=given))
    await assert_incorrect(await ask("/validators", filter=given))


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("blockHeight DESC", [34, 33, 32]),
        ("blockHeight", [0, 1, 2]),
        ("switch desc, blockHeight DESC", [29, 19, 9]),
        (["switch DESC", "blockHeight ASC"], [9, 19, 29]),
        ("eraId DESC", [34, 33, 32]),
        ("eraId DESC,eraId ASC", [34, 33, 32]),
        ("  eraId   asc ", [0, 1, 2]),
    ],
)
async def test_orders_and_their_ties_by_height_in_the_first_keys_direction(
    ask, chain, order, found
):
    assert await heights(ask, {}, order=order, limit=3) == found


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ({"limit": 2, "skip": 3}, [3, 4]),
        ({"limit": "2", "offset": "3"}, [3, 4]),
        ({"limit": 2, "skip": None}, [0, 1]),
        ({"skip": 34}, [34]),
        ({"skip": 1e30}, []),
    ],
)
async def test_limit_skip_and_offset(ask, chain, part, found):
    assert await heights(ask, {}, **part) == found


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        (["timestamp", "blockHeight"], ["blockHeight", "timestamp"]),
        (["nosuch", "switch", 1], ["switch"]),
        (["nosuch"], []),
        ("eraId", ["eraId"]),
        ({"eraId": True, "switch": True}, ["eraId", "switch"]),
        ({"eraId": "true"}, ["eraId"]),
        (dict.fromkeys(list(block_queries.COLUMNS)[2:], False), None),
        ([], "all"),
        (7, "all"),
        ({}, "all"),
    ],
)
async def test_fields_keep_what_is_named_in_the_columns_order(ask, chain, fields, keys):
    (row,) = (await ask("/block", filter={"fields": fields, "limit": 1})).json()

    if keys == "all":
        assert len(row) == 20
    else:
        assert list(row) == (
            ["blockHeight", "blockHash", "prevBlockTime"] if keys is None else keys
        )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("filter[where][blockHeight][gt]=32&filter[fields][]=blockHeight", [33, 34]),
        (
            "filter[where][blockHeight][between][0]=5&filter[where][blockHeight][between][1]=6",
            [5, 6],
        ),
        (
            "filter[where][and][0][blockHeight][gte]=5&filter[where][and][1][blockHeight][lt]=7",
            [5, 6],
        ),
        ("filter[order]=blockHeight DESC&filter[limit]=2", [34, 33]),
        ("filter[where][switch]=true", [9, 19, 29]),
        (quote("filter[where][blockHeight]") + "=4", [4]),
        ("filter[where][blockHeight][inq][]=4&filter[where][blockHeight][inq][]=3", [3, 4]),
        ("filter[where][and][0][or][0][blockHeight]=1&filter[limit]=1", [0]),
    ],
)
async def test_brackets_say_the_same_as_json(client, chain, query, found):
    answer = await client.get(f"/api/v0/block?{query}")

    assert answer.status_code == 200, answer.text
    assert [row["blockHeight"] for row in answer.json()] == found


@pytest.mark.parametrize(
    ("text", "details"),
    [
        ("{", True),
        ("x", True),
        ("NaN", True),
        ('{"limit": Infinity}', True),
        ("[" * 1500, True),
        ("[]", False),
        ('"text"', False),
        ("1", False),
        ("null", False),
    ],
)
async def test_a_filter_that_is_no_json_object_is_an_invalid_parameter(ask, chain, text, details):
    error = (await ask("/block", filter=text)).json()["error"]

    assert (error["statusCode"], error["name"]) == (400, "BadRequestError")
    assert error["message"] == f'Invalid data {json.dumps(text)} for parameter "filter".'
    assert error["code"] == "INVALID_PARAMETER_VALUE"
    assert ("syntaxError" in error.get("details", {})) == details


async def test_an_empty_filter_text_counts_as_absent(ask, chain):
    rows = (await ask("/block", filter="")).json()

    assert [row["blockHeight"] for row in rows] == [34]


@pytest.mark.parametrize(
    "text",
    [
        '{"__proto__": {}}',
        '{"where": {"and": [{"__proto__": 1}]}}',
        '{"where": {"constructor": {"prototype": 1}}}',
        '{"constructor.prototype": 1}',
    ],
)
async def test_keys_that_reach_into_prototypes_are_refused(ask, chain, text):
    error = (await ask("/block", filter=text)).json()["error"]

    assert (error["statusCode"], error["code"]) == (400, "INVALID_PARAMETER_VALUE")


async def test_json_and_brackets_together_are_refused(client, chain):
    for query in ("filter={}&filter[limit]=1", "filter[limit]=1&filter={}"):
        assert (await client.get(f"/api/v0/block?{query}")).status_code == 400


def nested(depth):
    where = {"blockHeight": 1}
    for _ in range(depth):
        where = {"and": [where]}
    return where


async def test_depth_is_bounded(ask, chain):
    assert await heights(ask, nested(10)) == [1]
    await assert_incorrect(await ask("/block", filter={"where": nested(60)}))


@pytest.mark.parametrize(
    "where",
    [
        {"or": [{"id": 1}] * 201},
        {"id": {"inq": [1] * 2001}},
        {"id": {"like": "1" * 129}},
    ],
)
def test_sizes_are_bounded(where):
    with pytest.raises(IncorrectQuery):
        read_filter({"where": where}, {"id": Kind.NUMBER}, {"id"})


@pytest.mark.parametrize("operator", ["eq", "neq", "gt", "like", "nlike", "inq", "between"])
@pytest.mark.parametrize("text", ["' OR 1=1 --", "\\' OR 1=1 #", "%s", ":x", "\x00", "é'\""])
async def test_text_is_never_sql(ask, chain, operator, text):
    operand = {"inq": [text], "between": [text, text]}.get(operator, text)
    where = {"blockHash": {operator: operand}, "blockHeight": {"between": [0, 1]}}

    found = await heights(ask, where)

    everything = operator in ("neq", "nlike") or (operator == "gt" and text < "0")
    assert found == ([0, 1] if everything else [])


async def test_a_pattern_on_many_blocks_needs_an_indexed_column_beside_it(ask, chain, monkeypatch):
    monkeypatch.setattr(block_queries, "FEW_BLOCKS", 30)
    pattern = {"blockHash": {"regexp": "^"}}

    await assert_incorrect(await ask("/block", filter={"where": pattern}))
    await assert_incorrect(
        await ask("/block", filter={"where": {"or": [pattern, {"blockHeight": 1}]}})
    )
    await assert_incorrect(
        await ask("/block", filter={"where": {**pattern, "eraId": {"between": [0, 500]}}})
    )
    assert await heights(ask, {**pattern, "blockHeight": 1}) == [1]
    assert await heights(ask, {"and": [pattern, {"eraId": {"between": [3, 9]}}]}) == [
        30, 31, 32, 33, 34,
    ]  # fmt: skip
    assert await heights(ask, {"and": [pattern, {"blockHash": SEVEN}]}) == [7]


async def test_a_filter_that_runs_too_long_is_ended_and_refused(
    engine, network, clock, stored, chain
):
    stored(blocks=[block(height) for height in range(35, 6000)])
    app = create_app(engine, network, clock=clock, operation=Operation(query_time_s=0.001))
    nothing = {"where": {"or": [{"blockHash": {"like": f"%{n}x%"}} for n in range(40)]}}

    async with asking(app) as client:
        answer = await client.get("/api/v0/block", params={"filter": json.dumps(nothing)})

    await assert_incorrect(answer)
