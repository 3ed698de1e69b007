import pytest

from casper_dash.api.document import document as described
from casper_dash.api.v0.app import PATHS as V0_PATHS
from tests.factories import block, crawl_range, crawl_state, era, running_era

TYPES = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}


@pytest.fixture(scope="module")
def document(network):
    return described(network)


def assert_matches(value, schema, document):
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert type(value) in [TYPES[name] for name in types], (value, schema)
    if isinstance(value, dict):
        assert list(value) == schema["required"] == list(schema["properties"])
        for name, inner in value.items():
            assert_matches(inner, schema["properties"][name], document)
    if isinstance(value, list):
        for each in value:
            assert_matches(each, schema["items"], document)


def test_every_resource_is_described(document):
    assert [path for path in document["paths"] if not path.startswith("/api/v0")] == [
        "/api/v1/network",
        "/api/v1/blocks",
        "/api/v1/blocks/{block}",
        "/api/v1/eras",
        "/api/v1/eras/{era}",
        "/api/v1/transfers",
        "/api/v1/flow",
        "/api/v1/accounts/{account}",
        "/api/v1/accounts/{account}/rewards",
        "/api/v1/validators",
        "/api/v1/validators/{public_key}",
        "/api/v1/supply",
        "/api/v1/publications",
        "/api/v1/publications/{publication}",
        "/api/v1/prices",
        "/api/v1/prices/latest",
        "/api/v1/peers",
        "/api/v1/series/{metric}",
        "/api/v1/search",
        "/api/v1/supply/total",
        "/api/v1/supply/circulating",
        "/api/v1/supply/staked",
        "/api/v1/events",
    ]


def test_every_path_of_v0_is_described_but_the_one_that_leads_here(document):
    assert {path for path in document["paths"] if path.startswith("/api/v0")} == {
        f"/api/v0{path}" for path in V0_PATHS - {"/explorer/openapi.json"}
    }


def test_every_path_says_that_a_client_may_ask_too_often(document):
    for path, item in document["paths"].items():
        assert "429" in item["get"]["responses"], path


def test_every_parameter_is_described_with_what_is_allowed(document):
    parameters = document["paths"]["/api/v1/blocks"]["get"]["parameters"]

    assert [each["name"] for each in parameters] == [
        *["era", "from", "to", "after", "before", "proposer", "switch"],
        *["order", "limit", "cursor", "format", "fields"],
    ]
    limit = parameters[8]
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
    assert limit["in"] == "query"


def test_what_stands_in_a_path_is_required(document):
    first = document["paths"]["/api/v1/eras/{era}"]["get"]["parameters"][0]

    assert (first["name"], first["in"], first["required"]) == ("era", "path", True)


def test_operations_have_names_of_their_own(document):
    names = [path["get"]["operationId"] for path in document["paths"].values()]

    assert len(set(names)) == len(names)


def test_the_server_is_where_the_document_was_found_unless_one_is_named(network, document):
    named = described(network, "https://api.example.org/")

    assert document["servers"] == [{"url": "/"}]
    assert named["servers"] == [{"url": "https://api.example.org"}]


@pytest.mark.anyio
async def test_the_document_is_served(client, document):
    assert (await client.get("/api/openapi.json")).json() == document


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("path", "described_as"),
    [
        ("/api/v1/network", "/api/v1/network"),
        ("/api/v1/blocks", "/api/v1/blocks"),
        ("/api/v1/blocks/9", "/api/v1/blocks/{block}"),
        ("/api/v1/blocks/8", "/api/v1/blocks/{block}"),
        ("/api/v1/eras", "/api/v1/eras"),
        ("/api/v1/eras/0", "/api/v1/eras/{era}"),
    ],
)
async def test_answers_are_what_the_document_says(client, stored, document, path, described_as):
    stored(
        blocks=[block(height) for height in range(12)],
        eras=[era(0), running_era(1, blocks=2)],
        crawl=[crawl_state(13)],
        ranges=[crawl_range(12, 13)],
    )

    answer = await client.get(path)

    described = document["paths"][described_as]["get"]["responses"]["200"]["content"]
    assert_matches(answer.json(), described["application/json"]["schema"], document)
