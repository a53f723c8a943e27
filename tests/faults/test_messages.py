"""Slack loses answers, refuses, and is away: each message stands once, is true in the end, and its end is told once."""

import asyncio
import time
from dataclasses import replace
from datetime import datetime

import pytest

from bot.sim.workspace.entities import Message
from tests.support.hosting import STAGING
from tests.support.person import PATIENCE, Seen
from tests.support.world import DEPLOYS, World


async def asked(world: World) -> Seen:
    """Cleo has `staging` restarted; its card and what hangs under it stand."""
    await world.cleo.says("/oec restart staging", DEPLOYS)
    card = await world.cleo.sees("`staging`", "queued", "#1", channel=DEPLOYS)
    await world.cleo.sees("queued", channel=DEPLOYS, thread=card.ts)
    await world.until_idle()
    return card


async def over(world: World) -> None:
    """The platform is done."""
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="completed")


async def ended(world: World) -> Seen:
    """The platform is done, and the card says so."""
    await over(world)
    card = await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await world.cleo.sees("<@U0CLEO>, `staging` is", channel=DEPLOYS, thread=card.ts)
    await world.until_idle()
    await world.cleo.reads_thread(card)
    return card


def standing(world: World, channel: str = DEPLOYS) -> list[tuple[str, Message]]:
    """What the bot has posted for all to see and stands there, each with the kind of message it is."""
    return [
        (str(message.content.metadata["event_payload"]["slot"]), message)
        for message in world.sandbox.workspace.workspace.messages_in(channel)
        if message.content.metadata is not None and not message.is_ephemeral
    ]


def kinds(world: World) -> list[str]:
    """The kinds of messages that stand, in their order."""
    return [kind for kind, _ in standing(world)]


async def until_standing(world: World, *wanted: str) -> None:
    """Wait until just these kinds of messages stand, in whatever order."""
    deadline = time.monotonic() + PATIENCE
    while sorted(kinds(world)) != sorted(wanted):
        assert time.monotonic() < deadline, f"there stand {kinds(world)}"
        await asyncio.sleep(0.05)


async def until_tried(world: World, method: str, more: int, *, since: int) -> None:
    """Wait until the bot has called a method of Slack's so often again, after so many calls."""
    deadline = time.monotonic() + PATIENCE
    while await world.count_calls(method) < since + more:
        assert time.monotonic() < deadline, f"{method} is not tried again"
        await asyncio.sleep(0.05)


async def until_carried_out(world: World, method: str, before: datetime) -> None:
    """Wait until Slack has done what it was asked for before a time and has let hang since."""
    deadline = time.monotonic() + PATIENCE
    while not any(
        call.method == method and call.at < before for call in world.sandbox.workspace.workspace.calls
    ):
        assert time.monotonic() < deadline, f"{method} is not carried out"
        await asyncio.sleep(0.05)


def skip_heard(world: World) -> None:
    """Where a card took its time, the person has heard so; that is told elsewhere."""
    world.may_leave_unread = True


# Answers that are lost


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_answer"},
        {"kind": "error", "error": "internal_error", "carried_out": True},
        {"kind": "error", "error": "fatal_error", "carried_out": True},
        {"kind": "page", "status": 502, "carried_out": True},
        {"kind": "page", "status": 504, "carried_out": True, "empty_body": True},
    ],
    ids=lambda fault: " ".join(map(str, fault.values())),
)
async def test_posts_whose_answers_are_lost_stand_once(world: World, fault: dict[str, object]) -> None:
    await world.faults(**fault, method="chat.postMessage", times=2)
    await asked(world)
    await world.faults(**fault, method="chat.postMessage")
    await ended(world)
    assert kinds(world) == ["card", "progress", "end"]
    skip_heard(world)


async def test_card_that_slack_posts_after_the_bot_was_killed_stands_once(world: World) -> None:
    """It was on its way when the process died; the next one shows the ask, and finds the card when it comes."""
    await world.faults(kind="hang", method="chat.postMessage", seconds=1.5)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.until_struck()
    killed_at = world.clock.now()
    await world.crash_bot()
    await world.start_bot()
    await world.cleo.sees("`staging`", "queued", "#1", channel=DEPLOYS)
    await world.until_idle()
    await until_carried_out(world, "chat.postMessage", killed_at)
    world.clock.forward(seconds=31)
    await until_standing(world, "card", "progress")
    await ended(world)
    assert sorted(kinds(world)) == ["card", "end", "progress"]
    skip_heard(world)


async def test_app_without_the_optional_scopes_keeps_the_second_card_true_and_says_so(world: World) -> None:
    await world.stop_bot()
    workspace = world.sandbox.workspace.workspace
    scopes = tuple(scope for scope in workspace.app.scopes if not scope.endswith(":history"))
    workspace.put_app(replace(workspace.app, scopes=scopes))
    await world.start_bot()
    await world.until_said("installed without channels:history and groups:history")
    await world.faults(kind="drop_answer", method="chat.postMessage")
    await asked(world)
    card = await ended(world)
    assert kinds(world) == ["card", "card", "progress", "end"]
    assert card.ts == standing(world)[1][1].ts
    assert await world.count_calls("conversations.history") == 0
    skip_heard(world)


# Outages


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "page", "status": 503},
        {"kind": "page", "status": 200},
        {"kind": "page", "status": 200, "empty_body": True},
        {"kind": "error", "error": "service_unavailable"},
        {"kind": "error", "error": "request_timeout"},
        {"kind": "error", "error": "team_added_to_org"},
        {"kind": "error", "error": "invalid_auth"},
        {"kind": "ratelimit", "retry_after": 0},
        {"kind": "ratelimit", "retry_after": 0, "empty_body": True},
    ],
    ids=lambda fault: " ".join(map(str, fault.values())),
)
async def test_outage_of_whatever_kind_ends_with_true_messages(
    world: World, fault: dict[str, object]
) -> None:
    await asked(world)
    for method in ("chat.update", "chat.postMessage"):
        await world.faults(**fault, method=method, times=2)
    await ended(world)
    assert kinds(world) == ["card", "progress", "end"]


async def test_outage_of_many_hours_ends_with_one_edit_of_each_message(world: World) -> None:
    await asked(world)
    edits = {kind: message.edits for kind, message in standing(world)}
    await world.faults(kind="error", method="*", error="internal_error", times=100_000)
    task = await world.hosting.the_task(STAGING)
    for percent in (20, 40, 60, 80):
        await world.hosting.moves(task["id"], status="running", progress_percent=percent)
        world.clock.forward(hours=2)
    await over(world)
    world.clock.forward(hours=2)
    await until_tried(world, "chat.update", 2, since=await world.count_calls("chat.update"))
    await world.faults(kind="clear")
    await ended(world)
    assert kinds(world) == ["card", "progress", "end"]
    assert {kind: message.edits for kind, message in standing(world)} == {
        "card": edits["card"] + 1,
        "progress": edits["progress"] + 1,
        "end": 0,
    }


async def test_token_that_slack_takes_no_longer_is_told_the_operators_once(world: World) -> None:
    await asked(world)
    await world.faults(kind="error", method="*", error="token_revoked", times=9)
    await over(world)
    await world.until_said("Slack no longer takes SLACK_BOT_TOKEN (token_revoked)")
    await ended(world)
    await world.until_said("Slack takes SLACK_BOT_TOKEN again")
    assert len([line for line in world.lines if "no longer takes" in line]) == 1


async def test_scope_that_was_taken_away_is_told_the_operators_and_shown_after_a_new_start(
    world: World,
) -> None:
    await asked(world)
    workspace = world.sandbox.workspace.workspace
    scopes = workspace.app.scopes
    workspace.put_app(replace(workspace.app, scopes=tuple(set(scopes) - {"chat:write"})))
    await over(world)
    await world.until_said("Slack lets the app show nothing (missing_scope)")
    await world.until_idle()
    tries = await world.count_calls("chat.update")
    world.clock.forward(minutes=5)
    await world.cleo.says("/oec status", DEPLOYS)
    await world.cleo.sees("`staging`", channel=DEPLOYS)
    assert await world.count_calls("chat.update") == tries, "Slack would only say the same again"
    workspace.put_app(replace(workspace.app, scopes=scopes))
    await world.stop_bot()
    await world.start_bot()
    await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await world.until_idle()
    assert kinds(world) == ["card", "progress", "end"]
    skip_heard(world)


# Messages that are gone, and places


@pytest.mark.parametrize("error", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_card_that_cannot_be_edited_makes_room_for_a_true_one(world: World, error: str) -> None:
    """The progress message comes along; an end that was told under the old one was told, and stays told."""
    old = await asked(world)
    await world.faults(kind="error", method="chat.update", error=error)
    await over(world)
    card = await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    assert card.ts != old.ts
    await until_standing(world, "card", "end", "progress")
    await world.until_idle()
    stands = dict(standing(world))
    assert stands["card"].ts == card.ts
    assert stands["progress"].thread_ts == card.ts
    assert "✓" in stands["progress"].content.text
    skip_heard(world)


async def test_card_that_somebody_deletes_at_once_is_posted_again_with_all_that_hangs_under_it(
    world: World,
) -> None:
    """Slack refuses what is to hang under it, before the card itself is to be edited."""
    workspace = world.sandbox.workspace.workspace
    await world.hosting.fails(method="POST", path="*/restart", kind="status", status=503, times=100_000)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    await world.hosting.until_asked("POST")
    [(_, card)] = standing(world)
    workspace.delete(card)
    await world.hosting.fails(kind="clear")
    await world.until_asked_again()
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="completed")
    new = await world.cleo.sees("✓", "#1", channel=DEPLOYS)
    end = await world.cleo.sees("<@U0CLEO>", channel=DEPLOYS, thread=new.ts)
    assert "`staging` is restarted" in end.words
    await world.until_idle()
    assert sorted(kinds(world)) == ["card", "end", "progress"]
    assert "D0CLEO" not in workspace.channels, "nothing had to be told in private"
    skip_heard(world)


async def test_bot_that_is_removed_tells_the_requester_and_is_true_again_when_invited(world: World) -> None:
    workspace = world.sandbox.workspace.workspace
    channel = workspace.channels[DEPLOYS]
    workspace.put_channel(replace(channel, is_private=True))
    card = await asked(world)
    bot = workspace.app.bot_user_id
    without = tuple(one for one in channel.members if one != bot)
    workspace.put_channel(replace(channel, is_private=True, members=without))
    await over(world)
    await world.until_called("chat.postMessage", channel="U0CLEO")
    [told] = await world.cleo.looks_at("D0CLEO")
    assert "`staging` is restarted" in told.words
    await world.until_idle()
    assert "✓" not in workspace.find_message(DEPLOYS, card.ts).content.text  # type: ignore[union-attr]
    workspace.put_channel(replace(channel, is_private=True))
    await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await world.until_idle()
    assert kinds(world) == ["card", "progress"], "the end was told, once"
    assert len(await world.cleo.looks_at("D0CLEO")) == 1


async def test_channel_that_is_opened_again_has_a_true_card(world: World) -> None:
    workspace = world.sandbox.workspace.workspace
    await asked(world)
    channel = workspace.channels[DEPLOYS]
    workspace.put_channel(replace(channel, is_archived=True))
    await over(world)
    await world.until_called("chat.postMessage", channel="U0CLEO")
    await world.until_idle()
    workspace.put_channel(channel)
    await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await world.until_idle()
    assert kinds(world) == ["card", "progress"]
    assert len(await world.cleo.looks_at("D0CLEO")) == 1


# Forms


async def test_form_that_came_too_late_is_opened_by_a_button(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.faults(kind="error", method="views.open", error="expired_trigger_id")
    await world.ben.presses("Decline", card)
    answer = await world.ben.sees("The form did not open", "Nothing was triggered", channel=DEPLOYS)
    assert answer.is_private
    await world.ben.presses("Open again", answer)
    await world.ben.submits("not today")
    await world.ben.sees("declined", "#1", channel=DEPLOYS)
    await world.until_idle()
    assert await world.hosting.posts() == []
    skip_heard(world)
