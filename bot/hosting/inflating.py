"""Unpacks a compressed answer piece by piece, never further than what may be read of it. Pure.

A kilobyte can unpack to a megabyte, so what has arrived says little about how much memory it will take.
"""

import zlib
from typing import Protocol

ACCEPTED = "gzip"
"""What is asked for, and beside plain bytes all that is understood."""

_GZIP = 16 + zlib.MAX_WBITS


class UnreadableError(Exception):
    """The answer is packed in a way that was not asked for, or is not what it says."""


class Unpacker(Protocol):
    """Takes an answer's pieces in order."""

    def unpack(self, piece: bytes, *, most: int) -> bytes:
        """What a piece holds, at most so many bytes of it and one more. Raises `UnreadableError`."""

    def end(self) -> None:
        """That was the last piece. Raises `UnreadableError` if something is missing."""


def unpacker_for(encoding: str | None) -> Unpacker:
    """The unpacker for a `Content-Encoding`; raises `UnreadableError` for one that was not asked for."""
    match (encoding or "identity").strip().lower():
        case "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Gzip()
        case _:
            raise UnreadableError("an encoding that was not asked for")


class _Plain:
    def unpack(self, piece: bytes, *, most: int) -> bytes:
        return piece[: most + 1]

    def end(self) -> None:
        return


class _Gzip:
    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_GZIP)
        self._has_begun = False

    def unpack(self, piece: bytes, *, most: int) -> bytes:
        self._has_begun = self._has_begun or bool(piece)
        try:
            return self._inflate.decompress(piece, most + 1)
        except zlib.error as error:
            raise UnreadableError(str(error)) from None

    def end(self) -> None:
        if self._has_begun and not self._inflate.eof:
            raise UnreadableError("its end is missing")
