"""A post that nobody heard of is found by its metadata before there is a second; what is not ours is left alone."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.errors import ChatRefusedError
from bot.core.names import ChannelId, MessageTs, PleaNumber, RunId
from bot.core.request import Place
from bot.flow.ports import Doubt, MessageRef, PleaSlot, Shown, Slot, SlotKind, Urgency, Wish
from bot.sim.workspace.server import WorkspaceServer
from bot.slack import search
from bot.slack.limits import Pace
from bot.slack.publisher import Publisher
from bot.views.message import Message
from tests.slack.conftest import QUICK, UNHINDERED, MakePublisher
from tests.slack.side_door import DEPLOYS, SideDoor, until
from tests.support.ports import start_again

HERE = Place(ChannelId(DEPLOYS))
LOST: list[dict[str, Any]] = [
    {"kind": "drop_answer"},
    {"kind": "error", "error": "internal_error", "carried_out": True},
    {"kind": "error", "error": "fatal_error", "carried_out": True},
    {"kind": "page", "carried_out": True},
    {"kind": "page", "status": 504, "empty_body": True, "carried_out": True},
]
CLEAN: list[dict[str, Any]] = [
    {"kind": "ratelimit", "retry_after": 0},
    {"kind": "ratelimit", "retry_after": 0, "empty_body": True},
    {"kind": "error", "error": "token_revoked"},
    {"kind": "error", "error": "team_added_to_org"},
]


def _name(fault: dict[str, Any]) -> str:
    return " ".join(str(value) for value in fault.values())


@dataclass
class Card:
    """A message whose posts are written down, as the flow does it."""

    kind: SlotKind = SlotKind.CARD
    place: Place = HERE
    text: str = "card"
    ref: MessageRef | None = None
    begun: list[datetime] = field(default_factory=list)
    gone: MessageTs | None = None
    adopted: list[Shown] = field(default_factory=list)
    fresh_for: int = 0
    """At so many of its posts, the one before may still arrive."""

    @property
    def slot(self) -> Slot:
        return Slot(RunId(7), self.kind)

    @property
    def doubt(self) -> Doubt:
        return Doubt(self.slot, datetime.now(UTC), self.gone)

    async def begin(self) -> Doubt | None:
        earlier = self.begun[0] if self.begun else None
        self.begun.append(datetime.now(UTC))
        is_fresh = len(self.begun) <= self.fresh_for
        return Doubt(self.slot, earlier, self.gone, is_fresh=is_fresh) if earlier else None

    async def adopt(self, found: Shown) -> None:
        self.adopted.append(found)

    async def render(self) -> Wish:
        return Wish(Message(self.text, ()), self.place, self.ref, 1, self.begin, self.adopt, self.gone)

    async def show(self, publisher: Publisher, urgency: Urgency = Urgency.CARD) -> Shown:
        shown = await publisher.show(self.slot, urgency, self.render)
        assert shown is not None
        return shown


def looks(door: SideDoor) -> int:
    return len(door.calls("conversations.history")) + len(door.calls("conversations.replies"))


@pytest.mark.parametrize("fault", LOST, ids=_name)
async def test_post_that_was_carried_out_unheard_is_found(
    publisher: Publisher, door: SideDoor, fault: dict[str, Any]
) -> None:
    await door.fault(**fault, method="chat.postMessage")
    card = Card()
    shown = await card.show(publisher)
    assert door.texts() == ["card"]
    assert (shown.ref.ts, shown.is_in_doubt) == (door.messages()[0].ts, True)
    assert card.adopted == [Shown(shown.ref, 0, is_in_doubt=True)]


@pytest.mark.parametrize("fault", [one | {"carried_out": False} for one in LOST[1:]], ids=_name)
async def test_post_that_was_not_carried_out_is_looked_for_and_made(
    publisher: Publisher, door: SideDoor, fault: dict[str, Any]
) -> None:
    await door.fault(**fault, method="chat.postMessage")
    shown = await Card().show(publisher)
    assert door.texts() == ["card"]
    assert shown.is_in_doubt, "it may still be carried out"
    assert looks(door) == 1


async def test_post_that_may_still_arrive_is_not_made_again_until_it_cannot(
    publisher: Publisher, door: SideDoor
) -> None:
    await door.fault(kind="error", error="internal_error", method="chat.postMessage")
    call = Card(SlotKind.REMINDER, fresh_for=3)
    await call.show(publisher)
    assert door.texts() == ["card"]
    assert looks(door) == 3
    assert len(door.calls("chat.postMessage")) == 2


async def test_post_that_arrives_late_is_found_while_it_is_waited_for(
    make_publisher: MakePublisher, door: SideDoor
) -> None:
    """The process that made it is gone before Slack carries it out."""
    await door.fault(kind="hang", method="chat.postMessage", seconds=0.5)
    call = Card(SlotKind.REMINDER, fresh_for=1_000)
    gone = asyncio.create_task(make_publisher().show(call.slot, Urgency.FIRST_SIGHT, call.render))
    await until(lambda: len(door.calls("chat.postMessage")) == 1)
    gone.cancel()
    shown = await call.show(make_publisher())
    assert [message.ts for message in door.messages()] == [shown.ref.ts]


@pytest.mark.parametrize("fault", CLEAN, ids=_name)
async def test_post_that_cannot_have_been_carried_out_is_not_looked_for(
    publisher: Publisher, door: SideDoor, fault: dict[str, Any]
) -> None:
    await door.fault(**fault, method="chat.postMessage", times=2)
    shown = await Card().show(publisher)
    assert door.texts() == ["card"]
    assert not shown.is_in_doubt
    assert looks(door) == 0


async def test_slack_that_cannot_be_reached_took_no_post(
    publisher: Publisher, server: WorkspaceServer, door: SideDoor
) -> None:
    card, port = Card(), int(server.url.rpartition(":")[2])
    await server.stop()
    trying = asyncio.create_task(publisher.show(card.slot, Urgency.CARD, card.render))
    await until(lambda: len(card.begun) > 2)
    await start_again(server.start, port)
    shown = await trying
    assert shown is not None
    assert not shown.is_in_doubt
    assert looks(door) == 0


async def test_post_of_a_process_that_is_gone_is_found_and_brought_up_to_date(
    make_publisher: MakePublisher, door: SideDoor
) -> None:
    card = Card()
    first = await card.show(make_publisher())
    card.text = "card, later"
    shown = await card.show(make_publisher())
    assert (shown.ref, shown.is_in_doubt) == (first.ref, True)
    assert door.texts() == ["card, later"]


async def test_message_in_a_thread_is_found_there(make_publisher: MakePublisher, door: SideDoor) -> None:
    top = (await Card().show(make_publisher())).ref
    progress = Card(SlotKind.PROGRESS, Place(top.channel_id, top.ts), "step 1")
    for _ in range(2):
        await progress.show(make_publisher())
    assert door.texts() == ["card", "step 1"]
    assert len(door.calls("conversations.replies")) == 1


async def test_end_that_is_found_is_not_edited(make_publisher: MakePublisher, door: SideDoor) -> None:
    end = Card(SlotKind.END, text="done")
    for _ in range(2):
        await end.show(make_publisher())
    assert door.texts() == ["done"]
    assert door.calls("chat.update") == []


async def test_first_of_several_is_kept_and_the_others_are_named(
    make_publisher: MakePublisher, door: SideDoor
) -> None:
    card = Card()
    refs = []
    for _ in range(3):
        card.begun.clear()
        refs.append((await card.show(make_publisher())).ref)
    shown = await card.show(make_publisher())
    assert shown.ref == refs[0]
    assert card.adopted == [Shown(refs[0], 0, is_in_doubt=True, strays=(refs[1], refs[2]))]
    assert door.texts() == ["card"] * 3


async def test_message_that_is_found_is_remembered_though_it_cannot_be_edited(
    make_publisher: MakePublisher, door: SideDoor
) -> None:
    card = Card()
    first = await card.show(make_publisher())
    await door.fault("error", method="chat.update", error="is_inactive")
    with pytest.raises(ChatRefusedError, match="is_inactive"):
        await card.show(make_publisher())
    assert [found.ref for found in card.adopted] == [first.ref]


@pytest.mark.parametrize(
    "other",
    [
        {"instance": "bot-2"},
        {"run": 8},
        {"slot": "end"},
        {"run": None, "plea": 7},
        {"event_type": "another"},
        {"user_id": "U0EVE"},
    ],
    ids=str,
)
async def test_message_that_is_not_ours_is_left_alone(
    publisher: Publisher, make_publisher: MakePublisher, door: SideDoor, other: dict[str, Any]
) -> None:
    await Card().show(make_publisher())
    [message] = door.messages()
    content = message.content
    assert content.metadata is not None
    payload = content.metadata["event_payload"] | {
        name: value for name, value in other.items() if name in ("instance", "run", "slot", "plea")
    }
    metadata = {"event_type": other.get("event_type", "oec_run"), "event_payload": payload}
    changed = replace(message, user_id=other.get("user_id", message.user_id))
    door.server.workspace.edit(changed, replace(content, metadata=metadata), now=datetime.now(UTC))
    assert await publisher.find_posted(Card().doubt, HERE) == ()


async def test_message_of_a_plea_is_found_and_is_no_runs(
    publisher: Publisher, make_publisher: MakePublisher
) -> None:
    slot = PleaSlot(PleaNumber(7))
    wish = Wish(Message("plea", ()), HERE, None, 1)

    async def render() -> Wish:
        return wish

    shown = await make_publisher().show(slot, Urgency.FIRST_SIGHT, render)
    assert shown is not None
    since = datetime.now(UTC)
    assert await publisher.find_posted(Doubt(slot, since), HERE) == (shown.ref,)
    assert await publisher.find_posted(Doubt(PleaSlot(PleaNumber(8)), since), HERE) == ()
    assert await publisher.find_posted(Card().doubt, HERE) == ()


async def test_number_that_slack_tells_as_a_text_is_the_same_number(
    publisher: Publisher, make_publisher: MakePublisher, door: SideDoor
) -> None:
    shown = await Card().show(make_publisher())
    [message] = door.messages()
    payload = {"run": "7", "slot": "card", "instance": "bot-1", "added": "later"}
    metadata = {"event_type": "oec_run", "event_payload": payload}
    door.server.workspace.edit(message, replace(message.content, metadata=metadata), now=datetime.now(UTC))
    assert await publisher.find_posted(Card().doubt, HERE) == (shown.ref,)


async def test_message_that_was_given_up_is_not_found(
    publisher: Publisher, make_publisher: MakePublisher
) -> None:
    shown = await Card().show(make_publisher())
    assert await publisher.find_posted(Card(gone=shown.ref.ts).doubt, HERE) == ()


async def test_message_from_long_before_is_not_found(publisher: Publisher) -> None:
    await Card().show(publisher)
    later = Doubt(Card().slot, datetime.now(UTC) + search.EARLIER + timedelta(minutes=1))
    assert await publisher.find_posted(later, HERE) == ()


async def test_message_is_found_on_a_later_page(
    publisher: Publisher, make_publisher: MakePublisher, door: SideDoor
) -> None:
    shown = await Card().show(make_publisher())
    for number in range(search.PAGE + 5):
        await door.act("say", user_id="U0ANA", channel_id=DEPLOYS, text=f"word {number}")
    assert await publisher.find_posted(Card().doubt, HERE) == (shown.ref,)
    assert looks(door) == 2


# Where the bot may not look, or not now


async def test_app_without_the_scopes_posts_again_and_asks_nothing(
    make_publisher: MakePublisher, door: SideDoor
) -> None:
    await door.fault("drop_answer", method="chat.postMessage")
    shown = await Card().show(make_publisher(may_look=False))
    assert door.texts() == ["card", "card"], "two may stand, and the second is kept true"
    assert shown.ref.ts == door.messages()[1].ts
    assert looks(door) == 0


@pytest.mark.parametrize("error", ["missing_scope", "not_in_channel", "channel_is_limited_access"])
async def test_look_that_is_refused_holds_up_nothing(
    publisher: Publisher, door: SideDoor, error: str
) -> None:
    await door.fault("drop_answer", method="chat.postMessage")
    await door.fault("error", method="conversations.history", error=error, times=2)
    await Card().show(publisher)
    assert door.texts() == ["card", "card"]
    with pytest.raises(ChatRefusedError, match=error):
        await publisher.find_posted(Card().doubt, HERE)


@pytest.mark.parametrize(
    "fault",
    [{"kind": "error", "error": "internal_error"}, {"kind": "ratelimit", "retry_after": 1}],
    ids=_name,
)
async def test_look_that_fails_is_made_again_before_anything_is_posted(
    publisher: Publisher, door: SideDoor, fault: dict[str, Any]
) -> None:
    await door.fault("drop_answer", method="chat.postMessage")
    await door.fault(**fault, method="conversations.history")
    await Card().show(publisher)
    assert door.texts() == ["card"]
    assert looks(door) == 2


async def test_token_that_is_not_taken_while_looking_is_no_reason_to_post_twice(
    publisher: Publisher, door: SideDoor
) -> None:
    await door.fault("drop_answer", method="chat.postMessage")
    await door.fault("error", method="conversations.history", error="token_revoked", times=2)
    await Card().show(publisher)
    assert door.texts() == ["card"]


async def test_limit_on_looking_that_lasts_does_not_keep_a_message_off_the_screen(
    publisher: Publisher, door: SideDoor
) -> None:
    """It is posted, perhaps twice, and looked for once more later."""
    await door.fault("drop_answer", method="chat.postMessage")
    await door.fault("ratelimit", method="conversations.history", retry_after=3600)
    shown = await Card().show(publisher)
    assert shown.is_in_doubt
    assert door.texts() == ["card", "card"]
    end = Card(SlotKind.END, text="done")
    await end.show(publisher, Urgency.END)
    assert door.texts()[-1] == "done"


async def test_look_keeps_to_a_pace_of_its_own(make_publisher: MakePublisher, door: SideDoor) -> None:
    """Reading has used up its pace; an end that has to be told goes out all the same."""
    publisher = make_publisher(patience=QUICK, paces=replace(UNHINDERED, others=Pace(burst=1, gap=3600)))
    await publisher.find_posted(Card().doubt, HERE)
    await Card(SlotKind.END, text="done").show(publisher, Urgency.END)
    assert door.texts() == ["done"]


async def test_message_too_many_is_taken_away(publisher: Publisher, door: SideDoor) -> None:
    shown = await Card().show(publisher)
    await publisher.delete(shown.ref)
    assert door.texts() == []
    with pytest.raises(ChatRefusedError, match="message_not_found"):
        await publisher.delete(shown.ref)


async def test_channel_takes_messages_where_the_bot_is_in_it_as_of_now(
    publisher: Publisher, door: SideDoor
) -> None:
    workspace, here = door.server.workspace, ChannelId(DEPLOYS)
    assert await publisher.may_post(here)
    channel = workspace.channels[DEPLOYS]
    workspace.put_channel(replace(channel, is_archived=True))
    assert not await publisher.may_post(here)
    workspace.put_channel(replace(channel, members=("U0ANA",)))
    assert not await publisher.may_post(here)
