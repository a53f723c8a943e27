"""The four ways of giving a list: no item twice, none left out, whatever the size of the pages."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sim.hosting.errors import RefusedError
from bot.sim.hosting.paging import cut_by_cursor, cut_by_offset, cut_by_page
from bot.sim.hosting.seeds import PRODUCTION
from tests.sim.hosting.caller import Caller


@dataclass(frozen=True)
class Item:
    id: str


def write(item: Item) -> dict[str, object]:
    return {"id": item.id}


items = st.integers(0, 40).map(lambda count: [Item(f"item-{number}") for number in range(count)])


@given(items, st.integers(1, 15))
def test_cursors_lead_through_the_whole_list(listed: list[Item], limit: int) -> None:
    found: list[Item] = []
    cursor = None
    while True:
        page, pagination = cut_by_cursor(listed, {"limit": limit, "cursor": cursor})
        found += page
        assert pagination["total"] == len(listed)
        assert pagination["has_more"] == (pagination["next_cursor"] is not None)
        cursor = pagination["next_cursor"]
        if cursor is None:
            break
    assert found == listed


@given(items, st.integers(1, 15), st.integers(0, 5))
def test_new_items_in_front_move_nothing_behind_a_cursor(listed: list[Item], limit: int, new: int) -> None:
    first, pagination = cut_by_cursor(listed, {"limit": limit, "cursor": None})
    grown = [Item(f"new-{number}") for number in range(new)] + listed
    if pagination["next_cursor"] is not None:
        rest, _ = cut_by_cursor(grown, {"limit": 100, "cursor": pagination["next_cursor"]})
        assert first + rest == listed


@pytest.mark.parametrize("cursor", ["nonsense", "YWZ0ZXI6Z29uZQ==", "é", "====", "after:item-0"])
def test_cursor_from_elsewhere_is_refused(cursor: str) -> None:
    with pytest.raises(RefusedError) as refused:
        cut_by_cursor([Item("item-0")], {"limit": 1, "cursor": cursor})
    assert refused.value.answer.status == 422


@given(items, st.integers(1, 15))
def test_numbered_pages_make_up_the_list(listed: list[Item], size: int) -> None:
    first = cut_by_page(listed, {"page": 1, "page_size": size}, write, count_name="pages")
    count = first["pages"]
    assert isinstance(count, int)
    pages = [
        cut_by_page(listed, {"page": number, "page_size": size}, write, count_name="pages")["items"]
        for number in range(1, count + 2)
    ]
    assert [one for page in pages if isinstance(page, list) for one in page] == [write(one) for one in listed]
    assert pages[-1] == [], "past the last there is nothing"


@given(items, st.integers(1, 15))
def test_offsets_lead_through_the_whole_list(listed: list[Item], limit: int) -> None:
    found: list[object] = []
    has_more = True
    while has_more:
        page = cut_by_offset(listed, {"limit": limit, "offset": len(found)}, write)
        assert isinstance(page["items"], list)
        found += page["items"]
        assert (page["total"], page["limit"]) == (len(listed), limit)
        has_more = bool(page["has_more"])
    assert found == [write(one) for one in listed]


@pytest.mark.parametrize(
    ("path", "query", "kind"),
    [
        (f"/environments/{PRODUCTION}/backups", {"page": 0}, "greater_than_equal"),
        (f"/environments/{PRODUCTION}/backups", {"page_size": 101}, "less_than_equal"),
        ("/webhooks", {"offset": -1}, "greater_than_equal"),
        ("/webhooks", {"limit": "ten"}, "int_parsing"),
        ("/servers", {"limit": 0}, "greater_than_equal"),
    ],
)
async def test_bad_paging_is_refused(full: Caller, path: str, query: dict[str, object], kind: str) -> None:
    response = await full.get(path, **query)
    (finding,) = response.json()["detail"]
    assert (response.status_code, finding["type"], finding["loc"]) == (422, kind, ["query", *query])


async def test_plain_lists_come_whole(full: Caller) -> None:
    assert isinstance((await full.get("/org/api-keys", limit=1)).json(), list)
    assert len((await full.get("/org/api-keys", limit=1)).json()) == 3
