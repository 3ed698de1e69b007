"""OpenAPI's description of v0: what a program needs to read its answers."""

from collections.abc import Mapping
from typing import Any

from casper_dash.api.kinds import Schema
from casper_dash.queries.v0.validators import COLUMNS as VALIDATOR_FIELDS

ERROR = "v0_error"
SCHEMAS: Mapping[str, Schema] = {
    ERROR: {
        "type": "object",
        "description": "v0's form of every error",
        "properties": {
            "error": {
                "type": "object",
                "properties": {
                    "statusCode": {"type": "integer"},
                    "name": {"type": "string"},
                    "message": {"type": "string"},
                    "code": {"type": "string"},
                    "details": {"type": "object"},
                },
                "required": ["statusCode", "message"],
            }
        },
        "required": ["error"],
    }
}
"""What the paths below refer to, by name."""

_KINDS: Mapping[str, Schema] = {
    "whole": {"type": "integer"},
    "number": {"type": "number"},
    "text": {"type": "string"},
    "text?": {"type": ["string", "null"]},
    "whole?": {"type": ["integer", "null"]},
    "flag": {"type": "boolean"},
    "motes": {"type": "string", "pattern": "^[0-9]{1,38}$"},
    "time": {"type": "string", "format": "date-time"},
    "time?": {"type": ["string", "null"], "format": "date-time"},
    "filter": {"type": "string"},
}


def _fields(**kinds: str) -> dict[str, Schema]:
    """Name → schema; of several names that are joined by `__`, each."""
    return {name: _KINDS[kind] for names, kind in kinds.items() for name in names.split("__")}


def _object(properties: Mapping[str, Schema], *, whole: bool = True) -> Schema:
    """`whole`: no `filter` can leave out any of it."""
    required = {"required": list(properties)} if whole else {}
    return {"type": "object", "properties": dict(properties), **required}


def _list(row: Schema) -> Schema:
    return {"type": "array", "items": row}


_BLOCK = _fields(
    blockHeight__eraId__circulatingSupply__validatorsWeights__totalSupply="whole",
    blockHash__stateRootHash="text",
    transfersCount__deploysCount__stakedThisBlock__nextEraValidatorsWeights="whole",
    validatorsRewards__delegatorsRewards__rewards__validatorsCount__delegatorsCount="whole",
    undelegatedThisBlock__prevBlockTime="whole",
    switch="flag",
    timestamp="time",
)
_ERA = _fields(
    id__startBlock__transfersCount__deploysCount__circulatingSupply="whole",
    endBlock="whole?",
    start="time",
    end="time?",
    validatorsCirculatingSupply__transfersCirculatingSupply="whole",
    rewardsCirculatingSupply__validatorsWeights__totalSupply__validatorsRewards="whole",
    delegatorsRewards__rewards__validatorsCount__delegatorsCount="whole",
    stakedThisEra__undelegatedThisEra__stakedDiffThisEra="whole",
)
_TRANSFER = _fields(
    timestamp="time",
    blockHeight__eraId__denomAmount="whole",
    deployHash__from__fromHash__to__toHash="text",
    amount="motes",
)
_ACCOUNT = _fields(hash="text", hex__name__comment="text?")
_PRICE = _fields(id="whole", date="time", open__close__high__low__volumeFrom__volumeTo="number")
_REWARD = _fields(
    id__eraId="whole",
    validator__delegator="text",
    amount="motes",
    usdAmount="number",
    created_at="time?",
)
_VALIDATOR = dict.fromkeys(VALIDATOR_FIELDS, _KINDS["text?"])
_BLOCK_NAMED = {"blockHeight": "number", "hash": "text"}


def _path(
    path: str, summary: str, parameters: Mapping[str, str], schema: Schema | None
) -> tuple[str, dict[str, Any]]:
    """`schema` None: bare text."""
    media_type = "text/plain" if schema is None else "application/json"
    answer = {media_type: {"schema": schema or {"type": "string"}}}
    operation = {
        "operationId": f"v0{path.rstrip('/').replace('/', '_')}",
        "summary": f"v0: {summary}",
        "parameters": [_parameter(*each) for each in parameters.items()],
        "responses": {"200": {"description": f"{summary}.", "content": answer}, **_ERRORS},
    }
    return f"/api/v0{path}", {"get": operation}


def _parameter(name: str, kind: str) -> dict[str, Any]:
    """Each reads what docs/api-v0.md says; a wrong one is 400."""
    texts = {
        "filter": "A filter as JSON text, which takes the lead over the others.",
        "limit": "At most so many.",
    }
    return {
        "name": name,
        "in": "query",
        "description": texts.get(name, f"As the older API read it: {kind.rstrip('?')}."),
        "schema": _KINDS[kind],
        "required": False,
    }


def _error(text: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{ERROR}"}}}
    return {"description": text, "content": content}


_ERRORS = {
    "400": _error("A parameter or filter is wrong, or one that is needed is missing."),
    "404": _error("There is no such thing, or not yet."),
    "414": _error("The address is too long."),
    "429": _error("This client has asked too often: try again after Retry-After."),
    "503": _error("Database or nodes are away: try again after Retry-After."),
}

DESCRIBED: Mapping[str, Any] = dict(
    (
        _path("/", "A greeting", {}, None),
        _path("/health", "Whether the server lives", {}, None),
        _path(
            "/block",
            "The newest block, one by height or hash, or those of a filter",
            {**_BLOCK_NAMED, "filter": "filter"},
            _list(_object(_BLOCK, whole=False)),
        ),
        _path("/block/circulating", "A block's circulating supply in CSPR", _BLOCK_NAMED, None),
        _path("/block/total", "A block's total supply in CSPR", _BLOCK_NAMED, None),
        _path(
            "/era",
            "Eras by id, height or time, the newest complete one, or those of a filter",
            {
                "id": "number",
                "blockHeight": "number",
                "timestamp": "time",
                "limit": "number",
                "order": "text",
                "skip": "text",
                "filter": "filter",
            },
            _list(_object(_ERA, whole=False)),
        ),
        _path("/era/circulating", "An era's circulating supply", {"eraId": "number"}, None),
        _path("/era/total", "An era's total supply in CSPR", {"eraId": "number"}, None),
        _path(
            "/transfersByEraId",
            "The largest transfers of an era",
            {"eraId": "number", "limit": "number"},
            _object(
                {
                    **_fields(eraId__count="whole", eraStart="time", eraEnd="time?"),
                    "transfers": _list(
                        _object(_fields(id="whole", depth="whole?", approved="flag") | _TRANSFER)
                    ),
                }
            ),
        ),
        _path(
            "/transfersByAccountHash",
            "The largest transfers of an account, and the sums of all",
            {"account": "text"},
            _object(
                {
                    "transfers": _list(_object(_TRANSFER)),
                    **_fields(count__countTo__countFrom="whole"),
                    **_fields(transfersToSum__transfersFromSum="whole"),
                }
            ),
        ),
        _path(
            "/account",
            "What is known of an account; of an unknown one the status 404 inside a 200",
            {"account": "text"},
            _object(_fields(statusCode="whole") | _ACCOUNT, whole=False),
        ),
        _path(
            "/knownAccounts",
            "Every account that has a name",
            {},
            _list(_object(_fields(id="whole") | _ACCOUNT)),
        ),
        _path(
            "/accountBalance",
            "An account's balance in motes, after a block",
            {"account": "text", "blockHeight": "text"},
            None,
        ),
        _path("/price", "The newest price in USD", {}, {"type": "number"}),
        _path("/prices", "Prices by hour", {}, _list(_object(_PRICE))),
        _path(
            "/validators",
            "Places of validators' nodes",
            {"filter": "filter"},
            _list(_object(_VALIDATOR, whole=False)),
        ),
        _path(
            "/delegators",
            "Rewards of a validator's delegators, or of a delegator; one of both is needed",
            {"validator": "text", "delegator": "text", "limit": "number"},
            _list(_object(_REWARD)),
        ),
    )
)
"""Path → OpenAPI's description."""
