"""Packed answers: whole ones are read, growing ones are stopped, lying ones are lost."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hosting.inflating import UnreadableError, unpacker_for


def unpack(pieces: list[bytes], *, encoding: str | None, most: int = 10_000) -> bytes:
    unpacker = unpacker_for(encoding)
    read = b"".join(unpacker.unpack(piece, most=most) for piece in pieces)
    unpacker.end()
    return read


@given(text=st.binary(max_size=300), size=st.integers(1, 50))
def test_text_packed_and_cut_into_pieces_is_read_whole(text: bytes, size: int) -> None:
    packed = gzip.compress(text)
    assert unpack([packed[at : at + size] for at in range(0, len(packed), size)], encoding="gzip") == text
    assert unpack([text[at : at + size] for at in range(0, len(text), size)], encoding=None) == text


def test_packed_answer_without_a_body_is_empty() -> None:
    assert unpack([], encoding="gzip") == b""
    assert unpack([b""], encoding="GZIP") == b""


def test_small_piece_that_holds_much_is_unpacked_no_further_than_asked() -> None:
    packer = zlib.compressobj(wbits=31)
    packed = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(50)) + packer.flush()
    assert len(packed) < 100_000
    assert len(unpacker_for("gzip").unpack(packed, most=1_000)) == 1_001


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "compress", "x" * 1000])
def test_encoding_that_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(UnreadableError):
        unpacker_for(encoding)


@pytest.mark.parametrize(
    "packed",
    [b"nope", gzip.compress(b"whole")[:-9], b"\x1f\x8b"],
    ids=[
        "something else",
        "cut off",
        "hardly begun",
    ],  # packed bytes hold the time: no two workers see the same
)
def test_answer_that_is_not_what_it_says_is_unreadable(packed: bytes) -> None:
    with pytest.raises(UnreadableError):
        unpack([packed], encoding="gzip")
