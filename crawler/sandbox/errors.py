"""JSON-RPC errors with the codes of Casper's nodes and sidecars."""

from typing import Any

NO_SUCH_DEPLOY = -32000
NO_SUCH_BLOCK = -32001
BAD_QUERY_KEY = -32002
VALUE_NOT_FOUND = -32003
NO_SUCH_STATE_ROOT = -32012
NO_SUCH_TRANSACTION = -32014
WRONG_KIND = -32015
PURSE_NOT_FOUND = -32026
PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603


class RpcError(Exception):
    """The call is answered with an error."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "data": self.data}


def invalid_params(reason: str) -> RpcError:
    return RpcError(INVALID_PARAMS, "Invalid params", reason)


def no_such_block(low: int, high: int) -> RpcError:
    data = {
        "message": "no block found for the provided identifier",
        "available_block_range": {"low": low, "high": high},
    }
    return RpcError(NO_SUCH_BLOCK, "No such block", data)
