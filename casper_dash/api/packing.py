"""The encodings that answers are packed in, and which of them a client gets."""

import gzip
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from casper_dash.api.negotiation import accepted_coding

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_GZIP_LEVEL = 5
_ZSTD_LEVEL = 3


class Packer(Protocol):
    """Packs what comes in pieces."""

    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes:
        """The end."""
        ...


@dataclass(frozen=True)
class Coding:
    """An encoding by its name in HTTP: packs a whole body, or piece by piece."""

    name: str
    pack: Callable[[bytes], bytes]
    packer: Callable[[], Packer]


_CODINGS = {
    coding.name: coding
    for coding in (
        Coding(
            "zstd",
            lambda body: zstd.compress(body, _ZSTD_LEVEL),
            lambda: zstd.ZstdCompressor(_ZSTD_LEVEL),
        ),
        Coding(
            "gzip",
            lambda body: gzip.compress(body, _GZIP_LEVEL, mtime=0),
            lambda: zlib.compressobj(_GZIP_LEVEL, wbits=31),
        ),
    )
}
"""The one that costs less for smaller answers first."""


@lru_cache(maxsize=1024)
def coding_of(accept_encoding: bytes) -> Coding | None:
    """What the client likes best of these; None: it gets the bytes as they are."""
    name = accepted_coding(accept_encoding.decode("latin-1"), tuple(_CODINGS))
    return None if name is None else _CODINGS[name]
