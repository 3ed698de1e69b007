"""What a client takes, read from `Accept` and `Accept-Encoding`: RFC 9110, 12.5."""

from collections.abc import Sequence
from functools import lru_cache


@lru_cache(maxsize=1024)
def acceptable(accept: str, offered: Sequence[str]) -> str | None:
    """The media type of `offered` that the client likes best, the first of equals; None if none.

    No header takes anything.
    """
    if not accept.strip():
        return offered[0]
    ranges = _weights(accept)
    weights = [_weight_of(media_type, ranges) for media_type in offered]
    best = max(weights)
    return offered[weights.index(best)] if best > 0 else None


@lru_cache(maxsize=1024)
def accepted_coding(accept_encoding: str, offered: Sequence[str]) -> str | None:
    """The encoding of `offered` that the client likes best, the first of equals; None if none.

    A client that names none of them but takes anything gets the last, which everybody knows.
    """
    weights = _weights(accept_encoding)
    named = [coding for coding in offered if weights.get(coding, 0.0) > 0]
    if named:
        return max(named, key=lambda coding: weights[coding])
    unnamed = [coding for coding in offered if coding not in weights]
    return unnamed[-1] if unnamed and weights.get("*", 0.0) > 0 else None


def _weight_of(media_type: str, ranges: dict[str, float]) -> float:
    # the most specific range decides, whatever its weight
    for candidate in (media_type, f"{media_type.split('/')[0]}/*", "*/*"):
        if candidate in ranges:
            return ranges[candidate]
    return 0.0


def _weights(header: str) -> dict[str, float]:
    weights = {}
    for part in header.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weights[name] = next((_q(text) for text in parameters if text.startswith("q=")), 1.0)
    return weights


def _q(parameter: str) -> float:
    try:
        return float(parameter.removeprefix("q="))
    except ValueError:
        return 0.0
