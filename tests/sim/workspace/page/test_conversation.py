"""Talking to the app through the page, in turns as several people."""

import re

import pytest
from playwright.async_api import expect

from tests.sim.workspace.page.conftest import OpenWindow, Stage
from tests.sim.workspace.page.toy_app import CARD, note_input, section
from tests.sim.workspace.page.window import Window
from tests.support.ports import start_again

pytestmark = pytest.mark.asyncio(loop_scope="session")

_FOUR_PM_UTC = 1_764_000_000


async def test_private_answer_is_marked_and_hidden_from_others(window: Window) -> None:
    await window.types("Good morning")
    await window.types("/oec deploy prod")
    answer = window.message("You may not deploy")
    await expect(answer).to_contain_text("Only visible to you")
    await window.acts_as("Ben")
    await window.sees("Good morning")
    await expect(answer).to_have_count(0)
    await window.acts_as("Ana")
    await expect(answer).to_have_count(1)


async def test_card_approved_by_second_person_changes_and_ends_in_thread(
    window: Window, stage: Stage
) -> None:
    await window.types("/oec card")
    await window.sees("waits for approval")
    await window.acts_as("Ben")
    await window.presses("Approve")
    await window.sees("approved by ben")
    assert (await stage.app.next_press())["action_id"] == "approve"
    await expect(window.message("Deploying").get_by_role("button", name="1 reply")).to_be_visible()


async def test_reply_that_mentions_somebody_shows_as_news_for_them_until_read(window: Window) -> None:
    await window.types("/oec card")
    await window.sees("waits for approval")
    await window.acts_as("Ben")
    await window.presses("Approve")
    await window.sees("approved by ben")
    await window.acts_as("Ana")
    link = window.places.get_by_role("link", name="deploys")
    await expect(link).to_contain_text("1 for you")
    await window.message("Deploying").get_by_role("button", name="1 reply").click()
    await expect(window.thread).to_contain_text("prod is deployed")
    await expect(link).not_to_contain_text("for you")


async def test_message_elsewhere_shows_as_new_until_opened(open_window: OpenWindow) -> None:
    ana, ben = await open_window(), await open_window("U0BEN/C0OPS")
    await ben.types("The backup is done")
    link = ana.places.get_by_role("link", name="ops")
    await expect(link).to_contain_text("1 new")
    await link.click()
    await ana.sees("The backup is done")
    await expect(link).not_to_contain_text("new")


async def test_unacknowledged_press_says_so_and_ends_busy(window: Window) -> None:
    await window.types("/oec card")
    quiet = window.page.get_by_role("button", name="Say nothing")
    await quiet.click()
    await expect(quiet).to_have_attribute("aria-busy", "true")
    await expect(window.message("waits for approval")).to_contain_text("No answer from the app")
    await expect(quiet).not_to_have_attribute("aria-busy", "true")


async def test_confirmed_button_asks_first(window: Window, stage: Stage) -> None:
    await window.types("/oec card")
    await window.presses("Decline")
    question = window.page.get_by_role("alertdialog", name="Decline this deploy?")
    await question.get_by_role("button", name="Keep it").click()
    await expect(question).to_have_count(0)
    assert stage.app.pressed.empty()
    await window.presses("Decline")
    await window.presses("Decline it")
    assert (await stage.app.next_press())["action_id"] == "decline"


async def test_choices_in_a_message_reach_the_app(window: Window, stage: Stage) -> None:
    options = [
        {"text": {"type": "plain_text", "text": name}, "value": name.lower()} for name in ("Staging", "Dev")
    ]
    menu = {
        "type": "static_select",
        "action_id": "pick",
        "options": options,
        "placeholder": {"type": "plain_text", "text": "Where"},
    }
    overflow = {"type": "overflow", "action_id": "more", "options": options}
    await stage.app.client.chat_postMessage(
        channel="C0DEPLOYS", text="Choose", blocks=[{"type": "actions", "elements": [menu, overflow]}]
    )
    await window.page.get_by_label("Where").select_option("Dev")
    assert (await stage.app.next_press())["selected_option"]["value"] == "dev"
    await window.presses("More choices")
    await window.page.get_by_role("menuitem", name="Staging").click()
    assert (await stage.app.next_press())["selected_option"]["value"] == "staging"


async def test_edit_arrives_without_reload_and_leaves_typing_alone(window: Window, stage: Stage) -> None:
    client = stage.app.client
    posted = await client.chat_postMessage(
        channel="C0DEPLOYS", text="card", blocks=[section("Step 1 of 12"), note_input()]
    )
    field = window.page.get_by_label("Note")
    await field.fill("half a thou")
    await field.press("Home")
    blocks = [section("Step 2 of 12"), note_input()]
    await client.chat_update(channel="C0DEPLOYS", ts=posted["ts"], text="card", blocks=blocks)
    await window.sees("Step 2 of 12")
    await expect(field).to_have_value("half a thou")
    await expect(field).to_be_focused()
    await window.page.keyboard.type("just ")
    await expect(field).to_have_value("just half a thou")


async def test_edit_below_leaves_the_reader_where_they_are(window: Window, stage: Stage) -> None:
    client = stage.app.client
    for number in range(30):
        await client.chat_postMessage(channel="C0DEPLOYS", text=f"Line {number:02}\nof many")
    last = await client.chat_postMessage(channel="C0DEPLOYS", text="card", blocks=[section("Step 1")])
    await window.sees("Step 1")
    top = window.message("Line 10")
    await top.scroll_into_view_if_needed()
    before = await top.bounding_box()
    await client.chat_update(
        channel="C0DEPLOYS", ts=last["ts"], text="card", blocks=[section("Step 2\n\nlonger")]
    )
    await expect(window.message("Step 2")).to_be_attached()
    assert await top.bounding_box() == before


async def test_new_message_below_is_offered_to_a_reader_further_up(window: Window, stage: Stage) -> None:
    for number in range(30):
        await stage.app.client.chat_postMessage(channel="C0DEPLOYS", text=f"Line {number:02}\nof many")
    await window.sees("Line 29")
    await window.message("Line 01").scroll_into_view_if_needed()
    await stage.app.client.chat_postMessage(channel="C0DEPLOYS", text="The newest")
    await window.presses("New messages")
    await expect(window.message("The newest")).to_be_in_viewport()


async def test_slash_command_in_thread_is_refused_and_mention_works(window: Window) -> None:
    await window.types("Who restarts staging?")
    await window.message("Who restarts").hover()
    await window.presses("Reply in thread to Ana")
    await window.replies("/oec restart staging")
    await expect(window.thread).to_contain_text("not supported in threads")
    await expect(window.reply_field).to_have_value("/oec restart staging")
    await window.replies("@oec restart staging")
    await expect(window.thread.locator(".message").filter(has_text="I heard you")).to_be_visible()


async def test_unknown_command_is_answered_kindly_and_kept(window: Window) -> None:
    await window.types("/deploy prod")
    await expect(window.page.locator("#composer-notice")).to_contain_text(
        "/deploy is not a valid command here"
    )
    await expect(window.composer).to_have_value("/deploy prod")


async def test_silent_app_is_told_in_slacks_words(window: Window) -> None:
    await window.types("/oec silence")
    await window.sees("operation_timeout")


async def test_disconnected_app_is_said_in_words(window: Window, stage: Stage) -> None:
    await expect(window.page.locator(".bot-state")).to_have_text("oec is connected")
    await stage.app.disconnect()
    await expect(window.page.locator(".bot-state")).to_have_text("oec is not connected")
    await window.types("/oec status")
    await window.sees("dispatch_failed")


async def test_home_tab_shows_what_the_app_published(window: Window) -> None:
    await window.goes_to("oec")
    await expect(window.page.locator(".home-body")).to_contain_text("staging is stopped")


async def test_shortcut_in_a_messages_menu_reaches_the_app(window: Window) -> None:
    await window.types("The invoices look wrong")
    await window.message("The invoices").hover()
    await window.presses("More for this message of Ana")
    await window.page.get_by_role("menuitem", name="Ask oec about this").click()
    await window.message("The invoices").get_by_role("button", name="1 reply").click()
    await expect(window.thread).to_contain_text("About this message")


async def test_suggestion_sets_the_scene_and_sends_nothing(window: Window) -> None:
    await window.presses("1 Ask for a deploy as Cleo in #deploys /oec card")
    await expect(window.page.get_by_role("radio", name="Cleo")).to_be_checked()
    await expect(window.composer).to_have_value("/oec card")
    await expect(window.composer).to_be_focused()
    await expect(window.page.locator(".message")).to_have_count(0)
    await window.presses("Put this card away")
    await expect(window.page.locator(".welcome")).to_have_count(0)
    await window.presses("Three things to try")
    await expect(window.page.locator(".welcome")).to_be_visible()


async def test_reload_stays_where_one_was(window: Window, stage: Stage) -> None:
    posted = await stage.app.client.chat_postMessage(channel="C0SUPPORT", text="A question", blocks=CARD)
    await window.goes_to("support")
    await window.acts_as("Cleo")
    await window.message("waits for approval").hover()
    await window.presses("Reply in thread to oec")
    await expect(window.thread).to_contain_text("waits for approval")
    assert window.page.url.endswith(f"#/U0CLEO/C0SUPPORT/{posted['ts']}")
    await window.page.reload()
    await expect(window.thread).to_contain_text("waits for approval")
    await expect(window.page.get_by_role("radio", name="Cleo")).to_be_checked()
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("support")


async def test_person_sees_only_their_channels(window: Window) -> None:
    await window.goes_to("ops")
    await window.page.get_by_role("radio", name="Gus").check(force=True)
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("deploys")
    await expect(window.places.get_by_role("link")).to_have_text(
        [re.compile("deploys"), re.compile("random"), re.compile("oec")]
    )


async def test_times_are_in_the_acting_persons_zone_and_its_name_stands_there(
    window: Window, stage: Stage
) -> None:
    clock = window.page.get_by_role("main").get_by_text("Times in")
    await stage.app.client.chat_postMessage(
        channel="C0DEPLOYS", text=f"until <!date^{_FOUR_PM_UTC}^{{time}}|then>"
    )
    await window.sees("until 17:00")
    await expect(clock).to_have_text(re.compile(r"^Times in Madrid, UTC\+[12]$"))
    await window.acts_as("Cleo")
    await window.sees("until 11:00")
    await expect(clock).to_have_text(re.compile("^Times in New York, UTC−[45]$"))
    await window.acts_as("Gus")
    await window.sees("until 21:30")
    await expect(clock).to_have_text("Times in Kolkata, UTC+5:30")
    await window.goes_to("oec")
    await expect(clock).to_have_text("Times in Kolkata, UTC+5:30")


@pytest.mark.parametrize(("width", "is_said"), [(360, True), (1280, False)])
async def test_thread_over_the_channel_says_whose_times_it_shows(
    open_window: OpenWindow, stage: Stage, width: int, is_said: bool
) -> None:
    posted = await stage.app.client.chat_postMessage(channel="C0DEPLOYS", text="card")
    window = await open_window(f"U0DORA/C0DEPLOYS/{posted['ts']}", width=width)
    await expect(window.thread).to_contain_text("card")
    clock = window.thread.get_by_text("Times in Tokyo, UTC+9")
    await expect(clock).to_be_visible(visible=is_said)


async def test_link_to_a_message_leads_there_and_one_stays_who_one_is(window: Window, stage: Stage) -> None:
    client = stage.app.client
    posted = await client.chat_postMessage(channel="C0DEPLOYS", text="the card itself")
    told = await client.chat_getPermalink(channel="C0DEPLOYS", message_ts=posted["ts"])
    await client.chat_postMessage(channel="C0OPS", text=f"See <{told['permalink']}|its card>")
    await window.opens("U0DORA/C0OPS")
    await window.page.get_by_role("link", name="its card").click()
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("deploys")
    await expect(window.thread).to_contain_text("the card itself")
    await expect(window.page.get_by_role("radio", name="Dora")).to_be_checked()


async def test_lost_sandbox_is_said_calmly_and_found_again(window: Window, stage: Stage) -> None:
    port = int(stage.server.url.rpartition(":")[2])
    await window.composer.fill("half a thou")
    await stage.server.stop()
    await expect(window.page.locator("#banner")).to_contain_text("The sandbox is not answering")
    await start_again(stage.server.start, port)
    await expect(window.page.locator("#banner")).to_be_hidden()
    await expect(window.composer).to_have_value("half a thou")
    window.problems.clear()  # the browser notes every connection that was refused


async def test_address_of_a_thread_that_is_gone_says_so(open_window: OpenWindow) -> None:
    window = await open_window("U0ANA/C0DEPLOYS/1700000000.000100")
    await expect(window.thread).to_contain_text("not here any more")
