"""What stood before and stands after, as one spelling of JSON, without secrets."""

import dataclasses
import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from crawler.addresses import MASK

MAX_LENGTH = 2**20
"""Characters of one value; whoever changes more than that names what changed by a count."""
_SECRET = re.compile(
    r"(^|_)(password|passphrase|secret|token|cookie|authorization|code|codes|hash|api_key)$"
)
_PUBLIC = {"account_hash", "block_hash", "transaction_hash", "deploy_hash", "state_root_hash"}


def canonical(value: Any) -> str | None:
    """JSON with sorted keys and no blanks; None for None. Raises ValueError where it is too long.

    Whatever is named like a secret is masked; times are RFC 3339, dataclasses objects.
    """
    if value is None:
        return None
    text = json.dumps(
        _shown(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
    )
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a value of the audit has at most {MAX_LENGTH} characters")
    return text


def _shown(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _shown({each.name: getattr(value, each.name) for each in dataclasses.fields(value)})
    if isinstance(value, Mapping):
        return {str(name): _masked(str(name), each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shown(each) for each in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_shown(each) for each in value), key=str)
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def _masked(name: str, value: Any) -> Any:
    hidden = name.lower() not in _PUBLIC and _SECRET.search(name.lower())
    return MASK if hidden and value else _shown(value)
