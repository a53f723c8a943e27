"""What the page promises every reader: small screens, dark rooms, screen readers, hostile and endless text."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.sim.workspace.page.conftest import OpenWindow, Stage
from tests.sim.workspace.page.toy_app import CARD, note_input
from tests.sim.workspace.page.window import Window

pytestmark = pytest.mark.asyncio(loop_scope="session")

_PROBES = Path(__file__).resolve().parent / "probes"
_NAMELESS = (_PROBES / "nameless.js").read_text()
_CONTRAST = (_PROBES / "contrast.js").read_text()

_MAIN_TEXTS = (
    ".message-body .prose",
    ".message-head time",
    ".only-you",
    ".message .button",
    ".button.is-primary",
    ".button.is-danger",
    ".place-link:not([aria-current])",
    ".place-link[aria-current]",
    ".place-note",
    ".place-zone",
    ".person-role",
    ".bot-state",
    ".mention",
    ".message code",
    ".thread-link",
    ".suggestion-where",
    ".welcome-fold",
)

_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SCROLLERS_TOO_WIDE = """() => [...document.querySelectorAll('.scroller')]
  .filter((node) => node.scrollWidth > node.clientWidth).length"""

_CROWDED = (_PROBES / "crowded.js").read_text()


async def _fill_with_everything(window: Window, stage: Stage) -> None:
    """A card with buttons and a field, a mention, a private answer and a thread."""
    client = stage.app.client
    posted = await client.chat_postMessage(channel="C0DEPLOYS", text="card", blocks=[*CARD, note_input()])
    await client.chat_postMessage(channel="C0DEPLOYS", thread_ts=posted["ts"], text="done")
    await client.chat_postMessage(channel="C0DEPLOYS", text="See <#C0OPS>, <@U0BEN>: `main`")
    await window.types("/oec status")
    await window.sees("Only visible to you")
    await expect(window.page.get_by_role("button", name="1 reply")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_main_texts_stand_out_enough(open_window: OpenWindow, stage: Stage, scheme: str) -> None:
    window = await open_window(color_scheme=scheme)
    await _fill_with_everything(window, stage)
    weak = {}
    for selector in _MAIN_TEXTS:
        contrast = await window.page.locator(selector).first.evaluate(_CONTRAST)
        if contrast < 4.5:
            weak[selector] = round(contrast, 2)
    assert weak == {}


async def test_dark_scheme_is_dark(open_window: OpenWindow) -> None:
    window = await open_window(color_scheme="dark")
    red, green, blue = await window.page.evaluate(
        "getComputedStyle(document.querySelector('.window')).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
    )
    assert max(red, green, blue) < 64


async def test_home_taller_than_the_window_opens_at_its_top(open_window: OpenWindow) -> None:
    window = await open_window(height=340)
    await window.goes_to("oec")
    await expect(window.page.locator(".home-body")).to_contain_text("staging is stopped")
    scroller = window.page.get_by_role("region", name="Home of the app")
    assert await scroller.evaluate("node => node.scrollHeight > node.clientHeight")
    assert await scroller.evaluate("node => node.scrollTop") == 0


async def test_every_control_has_a_name(window: Window, stage: Stage) -> None:
    await _fill_with_everything(window, stage)
    await window.page.get_by_role("button", name="1 reply").click()
    await expect(window.thread).to_be_visible()
    assert await window.page.evaluate(_NAMELESS) == []
    await window.types("/oec form")
    await expect(window.modal).to_be_visible()
    assert await window.page.evaluate(_NAMELESS) == []


async def test_new_messages_of_others_are_spoken_once_and_edits_are_not(window: Window, stage: Stage) -> None:
    spoken = window.page.get_by_role("log", name="New messages").locator("p")
    posted = await stage.app.client.chat_postMessage(channel="C0DEPLOYS", text="*Deploying* prod")
    await expect(spoken).to_have_text(["oec: Deploying prod"])
    await stage.app.client.chat_update(channel="C0DEPLOYS", ts=posted["ts"], text="Deployed prod")
    await window.sees("Deployed prod")
    await expect(spoken).to_have_text(["oec: Deploying prod"])


@pytest.mark.parametrize(("motion", "moves"), [("no-preference", True), ("reduce", False)])
async def test_changed_message_glows_unless_motion_is_unwanted(
    open_window: OpenWindow, stage: Stage, motion: str, moves: bool
) -> None:
    window = await open_window(reduced_motion=motion)
    posted = await stage.app.client.chat_postMessage(channel="C0DEPLOYS", text="Step 1")
    await window.sees("Step 1")
    await stage.app.client.chat_update(channel="C0DEPLOYS", ts=posted["ts"], text="Step 2")
    changed = window.page.locator(".message.is-changed").filter(has_text="Step 2")
    await expect(changed).to_be_attached()
    assert await changed.evaluate("(node) => getComputedStyle(node).animationName !== 'none'") is moves


@pytest.mark.parametrize("width", [360, 541, 720, 800, 1060, 1141, 1280, 1361])
async def test_people_stand_side_by_side_whole(open_window: OpenWindow, width: int) -> None:
    window = await open_window(width=width, height=740)
    assert await window.page.locator(".person").count() == 6
    assert await window.page.evaluate(_CROWDED) == []


async def test_heads_of_channel_and_thread_stand_in_one_line(open_window: OpenWindow, stage: Stage) -> None:
    posted = await stage.app.client.chat_postMessage(channel="C0DEPLOYS", text="card")
    window = await open_window(f"U0ANA/C0DEPLOYS/{posted['ts']}")
    await expect(window.thread).to_contain_text("card")
    heights = await window.page.locator(".place-head").evaluate_all(
        "heads => heads.map((head) => head.offsetHeight)"
    )
    assert len(heights) == 2
    assert len(set(heights)) == 1


@pytest.mark.parametrize("width", [360, 800, 1280])
async def test_nothing_scrolls_sideways(open_window: OpenWindow, stage: Stage, width: int) -> None:
    window = await open_window(width=width, height=740)
    await _fill_with_everything(window, stage)
    await stage.app.client.chat_postMessage(channel="C0DEPLOYS", text="w" * 3000)
    await stage.app.client.chat_postMessage(
        channel="C0DEPLOYS",
        text="wide",
        blocks=[
            {"type": "header", "text": {"type": "plain_text", "text": "h" * 150}},
            {
                "type": "section",
                "fields": [{"type": "mrkdwn", "text": "`" + "f" * 200 + "`"} for _ in range(3)],
            },
            {"type": "table", "rows": [[{"type": "raw_text", "text": "cell" * 9}] * 12] * 3},
            {
                "type": "actions",
                "elements": [
                    {"type": "button", "action_id": "b", "text": {"type": "plain_text", "text": "B" * 75}}
                ],
            },
        ],
    )
    await window.sees("h" * 150)
    await window.page.get_by_role("button", name="1 reply").click()
    box = await window.thread.bounding_box()
    assert box is not None
    assert box["width"] >= 320
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert await window.page.evaluate(_OVERFLOW) <= 0
    assert await window.page.evaluate(_SCROLLERS_TOO_WIDE) == 0


async def test_phone_has_its_channels_in_a_drawer_and_threads_over_all(open_window: OpenWindow) -> None:
    window = await open_window(width=360, height=740, has_touch=True, is_mobile=True)
    await expect(window.places).to_be_hidden()
    await window.presses("Channels and apps")
    await window.goes_to("support")
    await expect(window.places).to_be_hidden()
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("support")
    await window.types("@oec status")
    await window.page.get_by_role("button", name="1 reply").click()
    box = await window.thread.bounding_box()
    assert box is not None
    assert box["width"] == 360
    await window.presses("Close thread")
    await expect(window.thread).to_be_hidden()
    assert await window.page.evaluate(_OVERFLOW) <= 0


@pytest.mark.parametrize(
    "text",
    ["<script>window.harmed = true</script>", "<img src=x onerror='window.harmed = true'>", "<b>bold</b>"],
)
async def test_markup_in_messages_is_shown_as_text(window: Window, stage: Stage, text: str) -> None:
    rich = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}],
    }
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    blocks: list[dict[str, Any]] = [
        {"type": "markdown", "text": text},
        {"type": "section", "text": {"type": "plain_text", "text": text}},
        rich,
    ]
    await stage.app.client.chat_postMessage(channel="C0DEPLOYS", text="x", blocks=blocks)
    await stage.app.client.chat_postMessage(channel="C0DEPLOYS", text=escaped)
    await stage.app.client.chat_postMessage(channel="C0DEPLOYS", text=text)
    await expect(window.message(text)).to_have_count(3)
    shown = await window.message(text).first.locator(".block").all_inner_texts()
    assert [words.strip() for words in shown] == [text] * 3
    assert await window.page.evaluate("window.harmed") is None


async def test_link_that_is_no_web_address_leads_nowhere(window: Window, stage: Stage) -> None:
    link = {"type": "link", "url": "javascript:window.harmed=true", "text": "press me"}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}
    await stage.app.client.chat_postMessage(
        channel="C0DEPLOYS",
        text="x",
        blocks=[rich, {"type": "markdown", "text": "[and me](javascript:alert(1))"}],
    )
    await window.sees("press me")
    await expect(window.message("press me").get_by_role("link")).to_have_count(0)


async def test_unknown_block_is_named_instead_of_dropped(window: Window, stage: Stage) -> None:
    video = {
        "type": "video",
        "title": {"type": "plain_text", "text": "How to"},
        "video_url": "https://video.example/1",
        "thumbnail_url": "https://video.example/1.png",
        "alt_text": "How to",
    }
    await stage.app.client.chat_postMessage(channel="C0DEPLOYS", text="x", blocks=[video])
    await window.sees("A block this page does not draw: video")
