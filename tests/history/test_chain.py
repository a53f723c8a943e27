"""The hash of an entry is over all of it and what stood before, and never changes: what is chained stays so."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.history.chain import COLUMNS, START, link

ROW: dict[str, Any] = {
    "id": 1,
    "run_id": 7,
    "at": "2026-11-21T12:00:00.000000+00:00",
    "kind": "asked",
    "by": "U0ANA",
    "facts": '{"text":"Größe ✓"}',
}
values = st.one_of(st.none(), st.integers(), st.text())
rows = st.fixed_dictionaries(dict.fromkeys(COLUMNS, values))
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)


def test_hash_is_the_documented_one() -> None:
    written = (
        f'["{START}",1,7,"2026-11-21T12:00:00.000000+00:00","asked","U0ANA",'
        '"{\\"text\\":\\"Gr\\u00f6\\u00dfe \\u2713\\"}"]'
    )
    assert link(START, ROW) == hashlib.sha256(written.encode()).hexdigest()
    assert link(START, ROW) == "b14d22e5fa743c617729e9131522dd49851f02fa041e848f9539aa7aee65cdb6"


@given(hashes, rows, hashes, rows)
def test_different_entries_or_pasts_have_different_hashes(
    before: str, row: dict[str, Any], other_before: str, other: dict[str, Any]
) -> None:
    assert (link(before, row) == link(other_before, other)) == ((before, row) == (other_before, other))


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("value", [None, 0, 1, "", "1", "7", "asked "])
def test_every_column_counts_with_its_type(name: str, value: object) -> None:
    changed = ROW | {name: value}
    assert (link(START, changed) == link(START, ROW)) == (changed == ROW)


def test_bytes_are_refused() -> None:
    with pytest.raises(TypeError):
        link(START, ROW | {"by": b"U0ANA"})
