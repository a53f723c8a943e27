"""Private answers: by the response address, else by an ephemeral, else in the person's own messages."""

import pytest

from bot.core.errors import ChatRefusedError, ChatUnavailableError
from bot.core.names import ChannelId, MessageTs, UserId
from bot.core.request import Place, ReplyTo
from bot.sim.workspace.entities import Message as Posted
from bot.slack.publisher import Publisher
from bot.views.message import Message
from tests.slack.side_door import DEPLOYS, RANDOM, SideDoor

ANSWER = Message("You may not.", ({"type": "section", "text": {"type": "mrkdwn", "text": "You may not."}},))


def to_ana(
    url: str | None = None, *, channel: str = DEPLOYS, user: str = "U0ANA", thread: str | None = None
) -> ReplyTo:
    place = Place(ChannelId(channel), MessageTs(thread) if thread else None)
    return ReplyTo(UserId(user), place, response_url=url)


def only_message(door: SideDoor, channel: str = DEPLOYS) -> Posted:
    [message] = door.messages(channel)
    return message


async def test_answer_goes_to_the_response_address(publisher: Publisher, door: SideDoor) -> None:
    await publisher.answer(to_ana(door.give_reply_address()), ANSWER)
    message = only_message(door)
    assert (message.only_for, message.content.text) == ("U0ANA", "You may not.")
    assert message.content.blocks[0]["text"]["text"] == "You may not."
    assert door.calls("chat.postEphemeral") == []


async def test_answer_without_an_address_is_an_ephemeral(publisher: Publisher, door: SideDoor) -> None:
    await publisher.answer(to_ana(), ANSWER)
    assert only_message(door).only_for == "U0ANA"
    assert len(door.calls("chat.postEphemeral")) == 1


async def test_answer_to_a_spent_address_is_an_ephemeral(publisher: Publisher, door: SideDoor) -> None:
    await publisher.answer(to_ana(door.give_reply_address(uses=5)), ANSWER)
    assert only_message(door).only_for == "U0ANA"
    assert len(door.calls("chat.postEphemeral")) == 1


async def test_answer_to_an_address_nobody_serves_is_an_ephemeral(
    publisher: Publisher, door: SideDoor
) -> None:
    await publisher.answer(to_ana("http://127.0.0.1:9/commands/T0ACME/x"), ANSWER)
    assert only_message(door).only_for == "U0ANA"


async def test_answer_in_a_thread_stays_there(publisher: Publisher, door: SideDoor) -> None:
    card = await publisher.post(Place(ChannelId(DEPLOYS)), Message("card"))
    await publisher.answer(to_ana(thread=card.ts), ANSWER)
    assert [message.thread_ts for message in door.messages()] == [None, card.ts]


async def test_answer_where_the_bot_is_not_reaches_the_person(publisher: Publisher, door: SideDoor) -> None:
    await publisher.answer(to_ana(channel=RANDOM), ANSWER)
    assert door.texts(RANDOM) == []
    assert door.texts("D0ANA") == ["You may not."]


async def test_answer_to_a_press_in_the_home_reaches_the_person(publisher: Publisher, door: SideDoor) -> None:
    await publisher.answer(to_ana(channel="U0ANA"), ANSWER)
    assert door.texts("D0ANA") == ["You may not."]
    assert door.calls("chat.postEphemeral") == []


@pytest.mark.parametrize("fault", [{"kind": "error", "error": "internal_error"}, {"kind": "drop_answer"}])
async def test_answer_is_tried_again(publisher: Publisher, door: SideDoor, fault: dict[str, str]) -> None:
    await door.act("faults", method="chat.postEphemeral", **fault)
    await publisher.answer(to_ana(), ANSWER)
    assert "You may not." in door.texts()


async def test_answer_waits_out_a_short_refusal(publisher: Publisher, door: SideDoor) -> None:
    await door.fault("ratelimit", method="chat.postEphemeral", retry_after=0, times=2)
    await publisher.answer(to_ana(), ANSWER)
    assert door.texts() == ["You may not."]


async def test_answer_does_not_wait_out_a_long_refusal(publisher: Publisher, door: SideDoor) -> None:
    await door.fault("ratelimit", method="chat.postEphemeral", retry_after=3600)
    with pytest.raises(ChatUnavailableError):
        await publisher.answer(to_ana(), ANSWER)


async def test_answer_nobody_takes_is_refused(publisher: Publisher, door: SideDoor) -> None:
    await door.fault("error", method="chat.postEphemeral", error="restricted_action")
    with pytest.raises(ChatRefusedError, match="restricted_action"):
        await publisher.answer(to_ana(), ANSWER)


async def test_answer_during_an_outage_is_unavailable(publisher: Publisher, door: SideDoor) -> None:
    await door.fault("error", method="chat.postEphemeral", error="internal_error", times=3)
    with pytest.raises(ChatUnavailableError):
        await publisher.answer(to_ana(), ANSWER)
