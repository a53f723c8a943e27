"""The page by keyboard alone."""

import pytest
from playwright.async_api import expect

from tests.sim.workspace.page.conftest import Stage
from tests.sim.workspace.page.toy_app import JsonObject, button, section
from tests.sim.workspace.page.window import Window

pytestmark = pytest.mark.asyncio(loop_scope="session")

_FOCUSED = (
    "document.activeElement.textContent.trim() || document.activeElement.getAttribute('aria-label') || ''"
)


async def _tab_to(window: Window, words: str, *, key: str = "Shift+Tab") -> None:
    """Press a key until the control with these words has the focus."""
    for _ in range(40):
        await window.page.keyboard.press(key)
        if await window.page.evaluate(_FOCUSED) == words:
            return
    pytest.fail(f"The keyboard does not reach {words!r}.")


async def test_ask_switch_and_approve_without_a_pointer(window: Window, stage: Stage) -> None:
    keyboard = window.page.keyboard
    await keyboard.press("Tab")
    await expect(window.page.get_by_role("link", name="Skip to writing")).to_be_focused()
    await keyboard.press("Enter")
    await expect(window.composer).to_be_focused()
    await keyboard.type("/oec card")
    await keyboard.press("Enter")
    await window.sees("waits for approval")
    await keyboard.press("Alt+Shift+Digit2")
    await expect(window.page.get_by_role("radio", name="Ben")).to_be_checked()
    await window.sees("waits for approval")
    await _tab_to(window, "Approve")
    await keyboard.press("Enter")
    await window.sees("approved by ben")
    assert await window.page.evaluate("document.activeElement.closest('.message') !== null"), (
        "the place was lost"
    )


async def test_slash_offers_the_command_with_its_hint(window: Window) -> None:
    await window.composer.press("/")
    offer = window.page.get_by_role("option", name="/oec")
    await expect(offer).to_contain_text("deploy prod · can stop prod · why 42 · status · help")
    await expect(offer).to_contain_text("Deploy and look after Odoo environments")
    await window.composer.press("Enter")
    await expect(window.composer).to_have_value("/oec ")
    await expect(window.page.get_by_role("listbox")).to_be_hidden()
    await expect(window.page.locator(".composer-hint").first).to_contain_text("status")


async def test_at_sign_offers_names(window: Window) -> None:
    await window.composer.press_sequentially("hello @o")
    await window.composer.press("Tab")
    await expect(window.composer).to_have_value("hello @oec ")


async def test_shift_enter_begins_a_line_and_arrow_up_recalls(window: Window) -> None:
    await window.composer.press_sequentially("one")
    await window.composer.press("Shift+Enter")
    await window.composer.press_sequentially("two")
    await window.composer.press("Enter")
    await window.sees("two")
    await expect(window.composer).to_have_value("")
    await window.composer.press("ArrowUp")
    await expect(window.composer).to_have_value("one\ntwo")


async def test_number_and_letters_go_to_channels(window: Window) -> None:
    await window.page.keyboard.press("Alt+Digit2")
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("support")
    await window.page.keyboard.press("Control+KeyK")
    await window.page.keyboard.type("ran")
    await window.page.keyboard.press("Enter")
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("random")


async def test_escape_leaves_a_thread_and_returns_to_its_message(window: Window) -> None:
    await window.types("@oec status")
    link = window.page.get_by_role("button", name="1 reply")
    await link.focus()
    await window.page.keyboard.press("Enter")
    await expect(window.reply_field).to_be_focused()
    await window.page.keyboard.press("Escape")
    await expect(window.thread).to_be_hidden()
    await expect(link).to_be_focused()


async def test_drafts_stay_with_person_and_place(window: Window) -> None:
    await window.composer.fill("half a thou")
    await window.acts_as("Ben")
    await expect(window.composer).to_have_value("")
    await window.acts_as("Ana")
    await expect(window.composer).to_have_value("half a thou")


async def test_switching_person_by_arrow_keeps_the_focus_on_the_switch(window: Window) -> None:
    await window.types("@oec status")
    await window.page.get_by_role("button", name="1 reply").click()
    await expect(window.reply_field).to_be_focused()
    await window.page.get_by_role("radio", name="Ana").focus()
    await window.page.keyboard.press("ArrowRight")
    await expect(window.reply_field).to_have_attribute("aria-label", "Reply as Ben")
    await expect(window.thread).to_contain_text("I heard you")
    await expect(window.page.get_by_role("radio", name="Ben")).to_be_focused()


async def test_focus_survives_an_edit_even_when_the_app_renames_its_blocks(
    window: Window, stage: Stage
) -> None:
    def card(step: int) -> list[JsonObject]:
        return [section(f"Step {step}"), {"type": "actions", "elements": [button("Stop", "stop")]}]

    client = stage.app.client
    posted = await client.chat_postMessage(channel="C0DEPLOYS", text="card", blocks=card(1))
    stop = window.page.get_by_role("button", name="Stop")
    await stop.focus()
    await client.chat_update(channel="C0DEPLOYS", ts=posted["ts"], text="card", blocks=card(2))
    await window.sees("Step 2")
    await expect(stop).to_be_focused()
