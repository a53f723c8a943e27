"""Messages on the screen: the newest state, once, in order of urgency, whatever happens to Slack."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bot.core.errors import ChatRefusedError, ChatUnavailableError
from bot.core.names import ChannelId, MessageTs, RunId, UserId
from bot.core.request import Place
from bot.flow.ports import Chat, MessageRef, Shown, Slot, SlotKind, Urgency, Wish
from bot.sim.workspace.seeds import BOT_TOKEN, seeded_workspace
from bot.sim.workspace.server import WorkspaceServer
from bot.slack.calls import open_client
from bot.slack.limits import Pace, Quota
from bot.slack.publisher import Publisher
from bot.views.message import Home, Message, Modal
from tests.slack.conftest import QUICK, UNHINDERED, MakePublisher
from tests.slack.side_door import DEPLOYS, RANDOM, SUPPORT, SideDoor, until
from tests.support.ports import start_again

HOUR = timedelta(hours=1)


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@dataclass
class Run:
    """A run's message as the flow would render it: `text` is the newest state, `ref` what the history knows."""

    number: int = 1
    kind: SlotKind = SlotKind.CARD
    place: Place = field(default_factory=lambda: Place(ChannelId(DEPLOYS)))
    text: str = "waiting"
    version: int = 1
    ref: MessageRef | None = None
    renders: int = 0
    has_blocks: bool = True

    @property
    def slot(self) -> Slot:
        return Slot(RunId(self.number), self.kind)

    def becomes(self, text: str) -> None:
        self.text, self.version = text, self.version + 1

    async def render(self) -> Wish | None:
        self.renders += 1
        blocks = (section(self.text),) if self.has_blocks else ()
        return Wish(Message(self.text, blocks), self.place, self.ref, self.version)

    async def show(self, publisher: Publisher, urgency: Urgency = Urgency.CARD) -> Shown:
        shown = await publisher.show(self.slot, urgency, self.render)
        assert shown is not None
        self.ref = shown.ref
        return shown


async def render_nothing() -> Wish | None:
    return None


@asynccontextmanager
async def asked(publisher: Publisher, run: Run, urgency: Urgency) -> AsyncIterator["asyncio.Task[Any]"]:
    """A wish that was made and may still wait."""
    task = asyncio.create_task(publisher.show(run.slot, urgency, run.render))
    await asyncio.sleep(0)
    yield task
    task.cancel()


# What is shown


def test_publisher_fits_the_chat_port(publisher: Publisher) -> None:
    chat: Chat = publisher
    assert chat is publisher


async def test_slot_not_shown_yet_is_posted(publisher: Publisher, door: SideDoor) -> None:
    run = Run(42, text="deploying prod")
    shown = await run.show(publisher)
    [message] = door.messages()
    assert shown == Shown(MessageRef(ChannelId(DEPLOYS), MessageTs(message.ts)), version=1)
    assert message.content.text == "deploying prod"
    assert message.content.metadata == {
        "event_type": "oec_run",
        "event_payload": {"run": 42, "slot": "card", "instance": "bot-1"},
    }
    [call] = door.calls("chat.postMessage")
    assert (call.args["unfurl_links"], call.args["unfurl_media"]) == (False, False)


async def test_slot_shown_before_is_edited(publisher: Publisher, door: SideDoor) -> None:
    run = Run()
    await run.show(publisher)
    run.becomes("running")
    shown = await run.show(publisher)
    [message] = door.messages()
    assert (message.content.text, message.edits, shown.version) == ("running", 1, 2)
    assert message.content.metadata is not None


async def test_message_in_a_thread_is_posted_there(publisher: Publisher, door: SideDoor) -> None:
    card = (await Run().show(publisher)).ref
    progress = Run(kind=SlotKind.PROGRESS, place=Place(card.channel_id, card.ts), text="step 1")
    await progress.show(publisher)
    assert [message.thread_ts for message in door.messages()] == [None, card.ts]


async def test_nothing_to_show_calls_nobody(publisher: Publisher, door: SideDoor) -> None:
    assert await publisher.show(Run().slot, Urgency.CARD, render_nothing) is None
    assert door.calls("chat.postMessage") == []


async def test_message_posted_a_moment_ago_is_not_posted_again(publisher: Publisher, door: SideDoor) -> None:
    """The history may not have written down yet where it stands."""
    run = Run()
    await publisher.show(run.slot, Urgency.CARD, run.render)
    run.becomes("running")
    await publisher.show(run.slot, Urgency.CARD, run.render)
    assert door.texts() == ["running"]


async def test_message_without_blocks_loses_those_it_had(publisher: Publisher, door: SideDoor) -> None:
    run = Run()
    await run.show(publisher)
    run.has_blocks = False
    await run.show(publisher)
    assert [message.content.blocks for message in door.messages()] == [()]


async def test_post_that_is_nobodys_card_carries_no_run(publisher: Publisher, door: SideDoor) -> None:
    ref = await publisher.post(Place(ChannelId("C0OPS")), Message("rules refused"))
    [message] = door.messages("C0OPS")
    assert (message.ts, message.content.text, message.content.metadata) == (ref.ts, "rules refused", None)


# Coalescing


async def test_hundred_wishes_while_slack_hangs_end_as_the_last(publisher: Publisher, door: SideDoor) -> None:
    run = Run()
    shown = await run.show(publisher)
    await door.fault("hang", method="chat.update", seconds=1, times=1)
    wishes = []
    for number in range(100):
        run.becomes(f"state {number}")
        wishes.append(asyncio.create_task(publisher.show(run.slot, Urgency.PROGRESS, run.render)))
        await asyncio.sleep(0)
    outcomes = await asyncio.gather(*wishes)
    assert door.texts() == ["state 99"]
    assert len(door.calls("chat.update")) <= 3
    assert outcomes[-1] == Shown(shown.ref, version=101)


async def test_wish_made_while_another_is_under_way_is_shown_after_it(
    publisher: Publisher, door: SideDoor
) -> None:
    run = Run(text="first")
    await door.fault("hang", method="chat.postMessage", seconds=0.1, times=1)
    async with asked(publisher, run, Urgency.CARD) as first:
        await door.until_struck()
        run.becomes("second")
        async with asked(publisher, run, Urgency.CARD) as second:
            assert (await first).version == 1
            assert (await second).version == 2
    assert door.texts() == ["second"]


async def test_asker_who_goes_away_does_not_stop_the_wish(publisher: Publisher, door: SideDoor) -> None:
    run = Run()
    await door.fault("hang", method="chat.postMessage", seconds=0.05, times=1)
    async with asked(publisher, run, Urgency.CARD) as task:
        pass
    await until(lambda: door.texts() == ["waiting"])
    assert task.cancelled()


async def test_render_that_breaks_reaches_all_who_asked(publisher: Publisher, door: SideDoor) -> None:
    async def broken() -> Wish | None:
        raise RuntimeError("a bug")

    run = Run()
    asks = [publisher.show(run.slot, Urgency.CARD, broken) for _ in range(2)]
    outcomes = await asyncio.gather(*asks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [RuntimeError, RuntimeError]
    await run.show(publisher)
    assert door.texts() == ["waiting"]


# Order and pace


async def test_ends_go_before_progress_when_there_is_room_for_one(
    make_publisher: MakePublisher, door: SideDoor
) -> None:
    publisher = make_publisher(paces=replace(UNHINDERED, edits=Pace(burst=1, gap=0.4)))
    runs = [Run(number) for number in range(1, 6)]
    for run in runs:
        await run.show(publisher)
        run.becomes(f"run {run.number}")
    *progressing, ending = runs
    wishes = [publisher.show(run.slot, Urgency.PROGRESS, run.render) for run in progressing]
    tasks = [asyncio.create_task(wish) for wish in wishes]
    await until(lambda: door.calls("chat.update"))
    await ending.show(publisher, Urgency.END)
    await asyncio.gather(*tasks)
    order = [call.args["text"] for call in door.calls("chat.update")]
    assert order.index("run 5") == 1
    assert sorted(order) == [f"run {number}" for number in range(1, 6)]


async def test_wish_that_turns_out_to_show_nothing_new_costs_no_edit(
    make_publisher: MakePublisher, door: SideDoor
) -> None:
    publisher = make_publisher(paces=replace(UNHINDERED, edits=Pace(burst=1, gap=3600.0)))
    run = Run()
    await run.show(publisher)
    for _ in range(3):
        assert await publisher.show(run.slot, Urgency.CARD, render_nothing) is None
    run.becomes("done")
    await run.show(publisher, Urgency.END)
    assert door.texts() == ["done"]


async def test_progress_keeps_its_distance_and_an_end_does_not(
    make_publisher: MakePublisher, door: SideDoor
) -> None:
    publisher = make_publisher(patience=replace(QUICK, edit_gap=HOUR))
    run, other = Run(1), Run(2)
    await run.show(publisher, Urgency.PROGRESS)
    run.becomes("step 2")
    async with asked(publisher, run, Urgency.PROGRESS) as waiting:
        await other.show(publisher)
        assert not waiting.done()
        run.becomes("done")
        await run.show(publisher, Urgency.END)
        assert (await waiting).version == 3
    assert door.texts() == ["done", "waiting"]
    assert len(door.calls("chat.update")) == 1


async def test_message_that_would_show_nothing_new_takes_no_room_of_others(
    make_publisher: MakePublisher, door: SideDoor
) -> None:
    publisher = make_publisher(paces=replace(UNHINDERED, edits=Quota(most=1, span=3600)))
    run, other = Run(1), Run(2)
    await run.show(publisher)
    await other.show(publisher)

    async def nothing() -> Wish | None:
        return None

    for _ in range(3):
        assert await publisher.show(run.slot, Urgency.END, nothing) is None
    other.becomes("approved")
    async with asyncio.timeout(5):
        await other.show(publisher, Urgency.END)
    assert door.texts() == ["waiting", "approved"]


async def test_progress_that_has_changed_most_is_shown_first(
    make_publisher: MakePublisher, door: SideDoor
) -> None:
    publisher = make_publisher(paces=replace(UNHINDERED, edits=Pace(burst=1, gap=0.4)))
    runs = [Run(number) for number in range(1, 5)]
    for run in runs:
        await run.show(publisher)
        run.becomes(f"run {run.number}")
    changes = {1: 0.1, 2: 0.1, 3: 0.4, 4: 0.9}
    wishes = [
        publisher.show(run.slot, Urgency.PROGRESS, run.render, partial(changes.__getitem__, run.number))
        for run in runs
    ]
    await asyncio.gather(*wishes)
    order = [call.args["text"] for call in door.calls("chat.update")]
    assert order.index("run 4") < order.index("run 3") < 3


async def test_card_does_not_wait_for_the_distance_of_progress(
    make_publisher: MakePublisher, door: SideDoor
) -> None:
    publisher = make_publisher(patience=replace(QUICK, edit_gap=HOUR))
    run = Run()
    await run.show(publisher, Urgency.CARD)
    run.becomes("approved")
    await run.show(publisher, Urgency.CARD)
    assert door.texts() == ["approved"]


async def test_default_paces_meet_no_limit_of_slack() -> None:
    """The stand-in with its limits on would answer 429, which is a call for nothing."""
    strict = WorkspaceServer(seeded_workspace())
    await strict.start()
    async with open_client(BOT_TOKEN, api_url=strict.api_url) as client:
        publisher, run = Publisher(client), Run()
        for number in range(8):
            run.becomes(f"state {number}")
            await run.show(publisher)
        await publisher.close()
    await strict.stop()
    assert [call.error for call in strict.workspace.calls] == [None] * 8


# Refusals and outages


@pytest.mark.parametrize("empty_body", [False, True])
async def test_limited_method_is_tried_again_when_told(
    publisher: Publisher, door: SideDoor, empty_body: bool
) -> None:
    fault = {"method": "chat.postMessage", "retry_after": 0, "times": 2, "empty_body": empty_body}
    await door.fault("ratelimit", **fault)
    await Run().show(publisher)
    assert door.texts() == ["waiting"]
    assert len(door.calls("chat.postMessage")) == 3


async def test_limited_method_waits_while_others_go_on(publisher: Publisher, door: SideDoor) -> None:
    edited, posted = Run(1), Run(2, text="another")
    await edited.show(publisher)
    edited.becomes("edited")
    await door.fault("ratelimit", method="chat.update", retry_after=3600)
    async with asked(publisher, edited, Urgency.END) as waiting:
        await until(lambda: door.calls("chat.update"))
        await posted.show(publisher)
        assert not waiting.done()
        assert door.texts() == ["waiting", "another"]
        await publisher.close()
        assert await waiting is None


@pytest.mark.parametrize("error", ["internal_error", "fatal_error", "service_unavailable", "request_timeout"])
async def test_transient_error_is_tried_again(publisher: Publisher, door: SideDoor, error: str) -> None:
    await door.fault("error", method="chat.postMessage", error=error, times=3)
    await Run().show(publisher)
    assert len(door.calls("chat.postMessage")) == 4


async def test_token_taken_away_and_given_back_loses_no_card(publisher: Publisher, door: SideDoor) -> None:
    await door.fault("error", method="chat.postMessage", error="token_revoked", times=2)
    await Run().show(publisher)
    assert door.texts() == ["waiting"]


async def test_channel_without_the_bot_is_refused(publisher: Publisher) -> None:
    with pytest.raises(ChatRefusedError, match="not_in_channel"):
        await Run(place=Place(ChannelId(RANDOM))).show(publisher)


async def test_message_that_is_gone_is_refused_and_may_be_posted_anew(
    publisher: Publisher, door: SideDoor
) -> None:
    run = Run()
    shown = await run.show(publisher)
    door.server.workspace.delete(door.messages()[0])
    with pytest.raises(ChatRefusedError, match="message_not_found"):
        await run.show(publisher)
    run.ref = None
    assert (await run.show(publisher)).ref != shown.ref
    assert door.texts() == ["waiting"]


async def test_blocks_that_slack_refuses_are_left_out_and_logged(
    publisher: Publisher, door: SideDoor, caplog: pytest.LogCaptureFixture
) -> None:
    run = Run(text="x" * 3_001)
    await run.show(publisher)
    [message] = door.messages()
    assert (message.content.blocks, message.content.text) == ((), run.text)
    assert "/blocks/0/text" in caplog.text
    assert "goes without its blocks" in caplog.text


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("chat.postMessage", "invalid_blocks"),
        ("chat.postMessage", "invalid_blocks_format"),
        ("chat.postMessage", "msg_blocks_too_long"),
        ("chat.update", "invalid_blocks"),
        ("chat.update", "msg_too_long"),
    ],
)
async def test_message_that_is_too_much_for_slack_goes_with_less(
    publisher: Publisher, door: SideDoor, method: str, error: str
) -> None:
    run = Run(text="x" * 3_999, has_blocks=False)
    if method == "chat.update":
        await run.show(publisher)
    await door.fault("error", method=method, error=error)
    await run.show(publisher)
    assert door.texts() == ["x" * 3_900]


async def test_message_that_slack_will_not_have_at_all_is_refused_after_one_more_try(
    publisher: Publisher, door: SideDoor
) -> None:
    await door.fault("error", method="chat.postMessage", error="invalid_blocks", times=2)
    with pytest.raises(ChatRefusedError, match="invalid_blocks"):
        await Run().show(publisher)
    assert len(door.calls("chat.postMessage")) == 2


@pytest.mark.parametrize("error", ["missing_scope", "not_allowed_token_type", "no_permission"])
async def test_app_that_may_not_is_refused_at_once_and_told_once(
    make_publisher: MakePublisher, door: SideDoor, error: str
) -> None:
    lines: list[str] = []
    publisher = make_publisher(say=lines.append)
    await door.fault("error", method="chat.postMessage", error=error, times=2)
    for number in (1, 2):
        with pytest.raises(ChatRefusedError, match=error):
            await Run(number).show(publisher)
    assert len(door.calls("chat.postMessage")) == 2
    assert len(lines) == 1


async def test_edit_with_a_lost_answer_is_made_again(publisher: Publisher, door: SideDoor) -> None:
    run = Run()
    await run.show(publisher)
    run.becomes("running")
    await door.fault("drop_answer", method="chat.update", times=2)
    shown = await run.show(publisher)
    assert shown.version == 2
    assert [(message.content.text, message.edits) for message in door.messages()] == [("running", 3)]


async def test_post_with_a_lost_answer_is_made_again(publisher: Publisher, door: SideDoor) -> None:
    """Nobody wrote down that it was begun, so nobody looks for it; twice is the lesser evil than never."""
    await door.fault("drop_answer", method="chat.postMessage", times=1)
    shown = await Run().show(publisher)
    assert shown.ref.ts == door.messages()[-1].ts
    assert door.texts() == ["waiting", "waiting"]


async def test_call_that_hangs_holds_nobody_else(publisher: Publisher, door: SideDoor) -> None:
    await door.fault("hang", method="chat.postMessage", seconds=3, times=1)
    elsewhere = Run(2, place=Place(ChannelId(SUPPORT)))
    async with asked(publisher, Run(1), Urgency.END) as hanging:
        await door.until_struck()
        await elsewhere.show(publisher, Urgency.PROGRESS)
        assert not hanging.done()


async def test_call_that_hangs_too_long_is_made_again(make_publisher: MakePublisher, door: SideDoor) -> None:
    publisher = make_publisher(patience=replace(QUICK, call_deadline=timedelta(seconds=0.1)))
    run = Run()
    await run.show(make_publisher())  # one with time for it
    run.becomes("running")
    await door.fault("hang", method="chat.update", seconds=2, times=2)
    await run.show(publisher)
    assert door.texts() == ["running"]


async def test_edit_that_is_carried_out_late_does_not_stay_on_the_screen(
    make_publisher: MakePublisher, door: SideDoor
) -> None:
    """Nobody answered it, a newer one was shown, and then Slack carried it out after all."""
    publisher = make_publisher(patience=replace(QUICK, call_deadline=timedelta(seconds=1)))
    run = Run()
    await run.show(publisher)
    run.becomes("running")
    await door.fault("hang", method="chat.update", seconds=1.5, times=1)
    async with asked(publisher, run, Urgency.CARD):
        await until(lambda: not publisher._showing._lanes[run.slot].waiting)
        run.becomes("done")
        await run.show(publisher, Urgency.END)
        await until(lambda: len(door.calls("chat.update")) == 3)
    assert [call.args["text"] for call in door.calls("chat.update")] == ["done", "running", "done"]
    assert door.texts() == ["done"]


async def test_outage_ends_with_the_newest_state_on_the_screen(
    publisher: Publisher, server: WorkspaceServer, door: SideDoor
) -> None:
    run = Run()
    await run.show(publisher)
    port = int(server.url.rpartition(":")[2])
    await server.stop()
    run.becomes("during the outage")
    async with asked(publisher, run, Urgency.CARD) as wish:
        seen = run.renders
        await until(lambda: run.renders > seen + 3)
        run.becomes("after the outage")
        await start_again(server.start, port)
        assert (await wish).version == 3
    assert door.texts() == ["after the outage"]


async def test_end_that_failed_hands_its_urgency_to_the_wish_that_came_after(
    make_publisher: MakePublisher, door: SideDoor
) -> None:
    """Without it, the newer wish would keep the distance of progress, and the end would wait with it."""
    patience = replace(QUICK, edit_gap=HOUR, call_deadline=timedelta(seconds=0.5))
    publisher, run = make_publisher(patience=patience), Run()
    await run.show(publisher)
    run.becomes("done")
    await door.fault("hang", method="chat.update", seconds=2, times=1)
    async with asked(publisher, run, Urgency.END) as ending:
        await until(lambda: not publisher._showing._lanes[run.slot].waiting)
        run.becomes("done, and logged")
        async with asked(publisher, run, Urgency.PROGRESS) as late:
            assert (await ending).version == 3
            assert (await late).version == 3
    assert door.texts() == ["done, and logged"]


async def test_close_gives_up_what_waits_and_takes_nothing_new(
    make_publisher: MakePublisher, door: SideDoor
) -> None:
    publisher = make_publisher(patience=replace(QUICK, edit_gap=HOUR))
    run = Run()
    await run.show(publisher, Urgency.PROGRESS)
    async with asked(publisher, run, Urgency.PROGRESS) as waiting:
        await publisher.close()
        assert await waiting is None
    assert await publisher.show(Run(2).slot, Urgency.END, Run(2).render) is None
    assert len(door.messages()) == 1


async def test_close_lets_the_call_under_way_end(publisher: Publisher, door: SideDoor) -> None:
    await door.fault("hang", method="chat.postMessage", seconds=0.3, times=1)
    async with asked(publisher, Run(), Urgency.CARD) as under_way:
        await door.until_struck()
        await publisher.close()
        assert (await under_way).version == 1


async def test_lanes_in_memory_are_bounded(make_publisher: MakePublisher) -> None:
    publisher = make_publisher(lanes_remembered=3)
    for number in range(6):
        await publisher.show(Run(number).slot, Urgency.CARD, render_nothing)
    assert len(publisher._showing._lanes) == 3


# Modals and the App Home


async def test_modal_is_opened_with_its_kind_and_subject(publisher: Publisher, door: SideDoor) -> None:
    trigger = (await door.slash("deploy prod"))["trigger_id"]
    field_block = {
        "type": "input",
        "block_id": "why",
        "label": {"type": "plain_text", "text": "Reason"},
        "element": {"type": "plain_text_input", "action_id": "reason"},
    }
    modal = Modal("decline_modal", "handle-42", "Decline", "Decline", (field_block,))
    await publisher.open_modal(trigger, modal)
    [view] = door.server.workspace.modals_of("U0ANA")
    assert view.content["callback_id"] == "decline_modal"
    assert view.content["private_metadata"] == "handle-42"
    assert view.content["submit"]["text"] == "Decline"


async def test_modal_that_comes_too_late_is_refused(publisher: Publisher) -> None:
    with pytest.raises(ChatRefusedError, match="trigger"):
        await publisher.open_modal("1.unknown", Modal("k", "s", "Title", "", (section("text"),)))


async def test_modal_during_an_outage_says_so(publisher: Publisher, door: SideDoor) -> None:
    await door.fault("error", method="views.open", error="service_unavailable")
    with pytest.raises(ChatUnavailableError):
        await publisher.open_modal("1.any", Modal("k", "s", "Title", "", (section("text"),)))


async def test_home_is_published(publisher: Publisher, door: SideDoor) -> None:
    await door.fault("error", method="views.publish", error="internal_error")
    await publisher.publish_home(UserId("U0ANA"), Home((section("prod is well"),)))
    home = door.server.workspace.home_of("U0ANA")
    assert home is not None
    assert home.blocks[0]["text"]["text"] == "prod is well"
