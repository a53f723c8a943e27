"""The card of things to try: open where there is room for it, one line that opens where there is not."""

import pytest
from playwright.async_api import Locator, expect

from tests.sim.workspace.page.conftest import WELCOME, OpenWindow, Stage
from tests.sim.workspace.page.window import Window

pytestmark = pytest.mark.asyncio(loop_scope="session")

_INPUTS = [one["input"] for one in WELCOME["suggestions"]]
_FOLDED_AT_MOST = 60
"""One line and its edges, in pixels."""


def _card(window: Window) -> Locator:
    return window.page.get_by_role("region", name="Three things to try")


def _fold(window: Window) -> Locator:
    return _card(window).get_by_role("button", name="Three things to try")


def _things(window: Window) -> Locator:
    return _card(window).get_by_role("listitem")


async def _height(node: Locator) -> float:
    box = await node.bounding_box()
    assert box is not None
    return box["height"]


async def _top_and_bottom(node: Locator) -> tuple[float, float]:
    box = await node.bounding_box()
    assert box is not None
    return box["y"], box["y"] + box["height"]


async def test_card_is_open_where_there_is_room(window: Window) -> None:
    await expect(_fold(window)).to_have_attribute("aria-expanded", "true")
    for thing in await _things(window).all():
        await expect(thing).to_be_in_viewport(ratio=1)


async def test_phone_shows_one_line_that_opens_by_keyboard_and_stays_as_one_left_it(
    open_window: OpenWindow,
) -> None:
    window = await open_window(width=360, height=740)
    await expect(_fold(window)).to_have_attribute("aria-expanded", "false")
    await expect(_things(window)).to_have_count(0)
    assert await _height(_card(window)) <= _FOLDED_AT_MOST
    await _fold(window).focus()
    await window.page.keyboard.press("Enter")
    await expect(_fold(window)).to_have_attribute("aria-expanded", "true")
    await expect(_fold(window)).to_be_focused()
    await expect(_things(window)).to_have_count(3)
    await window.page.reload()
    await expect(_things(window)).to_have_count(3)
    await _fold(window).focus()
    await window.page.keyboard.press("Space")
    await expect(_things(window)).to_have_count(0)
    await window.page.reload()
    await expect(_fold(window)).to_have_attribute("aria-expanded", "false")


async def test_wide_card_that_was_folded_stays_folded(window: Window) -> None:
    await _fold(window).click()
    await window.page.reload()
    await expect(_fold(window)).to_have_attribute("aria-expanded", "false")
    assert await _height(_card(window)) <= _FOLDED_AT_MOST


@pytest.mark.parametrize("height", [740, 520])
async def test_open_card_on_a_phone_covers_nothing_and_all_of_it_can_be_reached(
    open_window: OpenWindow, stage: Stage, height: int
) -> None:
    window = await open_window(width=360, height=height)
    for number in range(8):
        await stage.app.client.chat_postMessage(channel="C0DEPLOYS", text=f"Post {number}")
    await window.sees("Post 7")
    await _fold(window).click()
    messages = window.page.get_by_role("region", name="Messages")
    assert (await _top_and_bottom(_card(window)))[1] <= (await _top_and_bottom(messages))[0]
    assert (await _top_and_bottom(messages))[1] <= (await _top_and_bottom(window.composer))[0]
    await expect(window.message("Post 7")).to_be_in_viewport()
    for thing, command in zip(await _things(window).all(), _INPUTS, strict=True):
        await thing.scroll_into_view_if_needed()
        await expect(thing).to_be_in_viewport(ratio=0.99)
        if command:
            await expect(thing.get_by_text(command, exact=True)).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize("width", [360, 719, 800, 1280])
async def test_no_thing_to_try_is_cut_at_its_side(open_window: OpenWindow, stage: Stage, width: int) -> None:
    posted = await stage.app.client.chat_postMessage(channel="C0DEPLOYS", text="card")
    window = await open_window(f"U0ANA/C0DEPLOYS/{posted['ts']}", width=width, height=740)
    if await _fold(window).get_attribute("aria-expanded") == "false":
        await _fold(window).evaluate("node => node.click()")  # a thread lies over it
    await expect(_things(window)).to_have_count(3)
    assert (
        await _card(window).evaluate(
            "node => [...node.querySelectorAll('*')].filter((part) => part.scrollWidth > part.clientWidth + 1"
            " && getComputedStyle(part).display !== 'inline').map((part) => part.className)"
        )
        == []
    )


async def test_thing_chosen_on_a_phone_folds_the_card_and_sets_the_scene(open_window: OpenWindow) -> None:
    window = await open_window(width=360, height=740)
    await _fold(window).click()
    await window.presses("1 Ask for a deploy as Cleo in #deploys /oec card")
    await expect(window.composer).to_have_value("/oec card")
    await expect(window.composer).to_be_focused()
    await expect(_fold(window)).to_have_attribute("aria-expanded", "false")
    await _fold(window).click()
    await expect(_things(window).first).to_contain_text("tried:")


async def test_card_put_away_on_a_phone_comes_back_from_the_drawer(open_window: OpenWindow) -> None:
    window = await open_window(width=360, height=740)
    await window.presses("Put this card away")
    await expect(_card(window)).to_have_count(0)
    await expect(window.page.get_by_role("heading", level=1)).to_be_focused()
    await window.presses("Channels and apps")
    await window.presses("Three things to try")
    await expect(window.places).to_be_hidden()
    await expect(_fold(window)).to_be_focused()
    await expect(_things(window)).to_have_count(3)
