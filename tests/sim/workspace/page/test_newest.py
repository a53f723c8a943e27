"""What is long opens at its newest line: channels, threads and logs."""

import pytest
from playwright.async_api import Locator, expect

from tests.sim.workspace.page.conftest import OpenWindow, Stage
from tests.sim.workspace.page.toy_app import section
from tests.sim.workspace.page.window import Window

pytestmark = pytest.mark.asyncio(loop_scope="session")

_LOG = "\n".join(f"[{second:4}s] line {second} of the log" for second in range(60))


async def _begin_thread(stage: Stage, *, replies: int) -> str:
    """A card with many replies; its ts."""
    post = stage.app.client.chat_postMessage
    root = await post(channel="C0DEPLOYS", text="The card")
    for number in range(replies):
        await post(channel="C0DEPLOYS", thread_ts=root["ts"], text=f"Reply {number}: " + "words " * 40)
    return str(root["ts"])


async def _reads_the_end(list_: Locator, words: str) -> None:
    """The last line is whole within what scrolls, so it can be read without a move."""
    last = list_.locator(".message").last
    await expect(last).to_contain_text(words)
    await expect(last).to_be_in_viewport(ratio=0.99)


def _replies(window: Window) -> Locator:
    return window.thread.get_by_role("list", name="Messages of the thread")


@pytest.mark.parametrize("width", [360, 1280])
async def test_long_thread_opens_at_its_newest_reply_every_time(
    open_window: OpenWindow, stage: Stage, width: int
) -> None:
    root = await _begin_thread(stage, replies=12)
    window = await open_window(width=width, height=740)
    link = window.page.get_by_role("button", name="12 replies")
    await link.click()
    await _reads_the_end(_replies(window), "Reply 11")
    await window.presses("Close thread")
    await stage.app.client.chat_postMessage(channel="C0DEPLOYS", thread_ts=root, text="It is done")
    await window.page.get_by_role("button", name="13 replies").click()
    await _reads_the_end(_replies(window), "It is done")


async def test_thread_one_had_gone_up_in_opens_at_its_newest_reply_again(
    open_window: OpenWindow, stage: Stage
) -> None:
    await _begin_thread(stage, replies=12)
    window = await open_window(height=740)
    link = window.page.get_by_role("button", name="12 replies")
    await link.click()
    await _replies(window).locator(".message").first.scroll_into_view_if_needed()
    await window.presses("Close thread")
    await link.click()
    await _reads_the_end(_replies(window), "Reply 11")


async def test_thread_opened_by_its_address_is_at_its_newest_reply(
    open_window: OpenWindow, stage: Stage
) -> None:
    root = await _begin_thread(stage, replies=12)
    window = await open_window(f"U0DORA/C0DEPLOYS/{root}", width=360, height=740)
    await _reads_the_end(_replies(window), "Reply 11")


@pytest.mark.parametrize("width", [360, 1280])
async def test_long_log_is_whole_and_its_last_line_in_sight(
    open_window: OpenWindow, stage: Stage, width: int
) -> None:
    window = await open_window(width=width, height=740)
    await stage.app.client.chat_postMessage(
        channel="C0DEPLOYS", text="log", blocks=[section(f"```{_LOG}```")]
    )
    log = window.page.locator(".channel-body pre")
    await expect(log).to_contain_text("line 59 of the log")
    assert await log.evaluate("node => node.scrollHeight - node.clientHeight") <= 0
    bottom = await log.evaluate("node => node.getBoundingClientRect().bottom")
    assert bottom <= await window.composer.evaluate("node => node.getBoundingClientRect().top")


async def test_channel_one_comes_back_to_from_home_is_at_its_newest_message(
    open_window: OpenWindow, stage: Stage
) -> None:
    window = await open_window(height=740)
    for number in range(12):
        await stage.app.client.chat_postMessage(channel="C0DEPLOYS", text=f"Post {number}: " + "words " * 150)
    await window.sees("Post 11")
    await window.goes_to("oec")
    await stage.app.client.chat_postMessage(channel="C0DEPLOYS", text="It is done")
    await window.goes_to("deploys")
    await _reads_the_end(window.page.locator(".channel-body"), "It is done")
