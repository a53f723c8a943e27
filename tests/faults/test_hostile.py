"""Hostile input: what comes from people and from the platform is text and no more, and nonsense is met with silence."""

import gzip
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from bot.sim.workspace.envelopes import Envelope
from tests.fuzz.inbound import envelope
from tests.fuzz.mutation import ODDITIES, paths, spoil
from tests.slack.payloads import mention, press, slash_command, submission
from tests.slack.side_door import until
from tests.support.hostile import (
    ADDRESSES,
    HOSTILE,
    LONG,
    Monster,
    Poison,
    find_harm,
    poison_workspace,
    poisoned_hosting,
)
from tests.support.hosting import PROD, STAGING
from tests.support.person import Person, Seen
from tests.support.world import DEPLOYS, OPS, SUPPORT, World, running_world

KNOWN = frozenset({"@U0ANA", "@U0BEN", "@U0CLEO", "#C0DEPLOYS", "#C0SUPPORT", "#C0OPS", "!subteam^S0RELEASE"})

READ_FIELDS = {
    ("Project", "name"),
    ("Environment", "name"),
    ("Environment", "status"),
    ("Environment", "url"),
    ("Environment", "branch"),
    ("Environment", "last_commit"),
    ("Task", "type"),
    ("Task", "current_step"),
    ("Task", "error_message"),
    ("TaskLog", "log"),
}
"""Where the bot takes text from; the poison must have been in all of it."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world whose bot is yet to be started; nobody reads everything that is answered to nonsense."""
    async with running_world(tmp_path, start=False) as running:
        running.may_leave_unread = True
        yield running


async def _start_poisoned(world: World, poison: Poison, stack: AsyncExitStack) -> None:
    """Start the bot where all that Slack and oec.sh tell is poisoned."""
    poison_workspace(world.sandbox.workspace.workspace, poison.text)
    url = await stack.enter_async_context(poisoned_hosting(world.sandbox.hosting.url, poison))
    stack.push_async_callback(world.stop_bot)
    await world.start_bot(OEC_API_URL=f"{url}/api/public/v1")


async def _types(person: Person, text: str, channel: str = DEPLOYS) -> None:
    """Type what no JSON library of a client's would send: half characters too."""
    command = {"user_id": person.user_id, "channel_id": channel, "command": "/oec", "text": text}
    answer = await person._side_door.post("/person/slash", content=json.dumps(command))
    assert answer.json()["acked"], answer.text


async def _submits(person: Person, text: str) -> dict[str, Any]:
    """Fill in the one field of the open modal, with anything."""
    modal = await person.finds_modal()
    block = next(one for one in modal["blocks"] if one["type"] == "input")
    values = {block["block_id"]: {block["element"]["action_id"]: text}}
    body = {"user_id": person.user_id, "view_id": modal["id"], "values": values}
    answer = await person._side_door.post("/person/submit", content=json.dumps(body))
    told: dict[str, Any] = answer.json()
    return told


async def _deploys_in_vain(world: World) -> Seen:
    """A deploy of production that is approved, moves, and fails with a log."""
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", "#1", channel=DEPLOYS)
    await world.ben.presses("Approve", card)
    task = await world.hosting.the_task(PROD)
    await world.hosting.moves(
        task["id"], status="running", progress_percent=40, current_step="x", steps_completed=2
    )
    await world.ana.sees("▶", "#1", channel=DEPLOYS)
    await world.hosting.moves(task["id"], status="failed", error_message="x", log="x")
    return await world.ana.sees("✕", "#1", channel=DEPLOYS)


async def _declines(world: World, reason: str) -> None:
    await world.ana.says("/oec stop shop", DEPLOYS)
    card = await world.ben.sees("waits for approval", "#2", channel=DEPLOYS)
    await world.ben.presses("Decline", card)
    await _submits(world.ben, reason)
    await world.ana.sees("#2", "declined", channel=DEPLOYS)


async def _mistypes_a_name(world: World, name: str) -> None:
    await world.cleo.says("/oec reinit staging sale", DEPLOYS)
    card = await world.ben.sees("waits for approval", "#3", channel=DEPLOYS)
    await world.ben.presses("Approve", card)
    told = await _submits(world.ben, name)
    assert told["response_action"] == "errors", told


@pytest.mark.parametrize("text", [HOSTILE, LONG], ids=["hostile", "hostile and long"])
async def test_hostile_text_in_every_field_is_shown_as_text(world: World, text: str) -> None:
    """Everything that can be told or typed is hostile; a deploy fails, a stop is declined, all is read."""
    poison = Poison(text)
    async with AsyncExitStack() as stack:
        await _start_poisoned(world, poison, stack)
        await _deploys_in_vain(world)
        await _declines(world, text[:500])
        await _mistypes_a_name(world, text[:500])
        for ask in (
            "status",
            "status prod",
            "history",
            "help",
            "run 1",
            "run 2",
            "logs 1",
            "can deploy prod",
        ):
            await world.ana.says(f"/oec {ask}", DEPLOYS)
        for word in (
            "",
            "deploy",
            "deploy prod modules=",
            "restart",
            "update prod",
            "reinit staging",
            "status",
        ):
            await _types(world.cleo, f"{word} {text}")
        for word in ("history", "history prod", "run", "logs", "help", "help deploy", "deploy env="):
            await _types(world.cleo, f"{word} {text}", SUPPORT)
        await world.ana.opens_home()
        await world.until_idle()
        harm = find_harm(world.sandbox.workspace.workspace, KNOWN)
        assert not harm, "\n".join(harm)
        assert poison.places >= READ_FIELDS
        assert len(await world.hosting.posts()) == 1


@pytest.mark.parametrize("address", ADDRESSES)
async def test_address_that_is_none_is_no_link(world: World, address: str) -> None:
    async with AsyncExitStack() as stack:
        await _start_poisoned(world, Poison(address), stack)
        await world.cleo.says("/oec status staging", DEPLOYS)
        await world.cleo.says("/oec restart staging", DEPLOYS)
        task = await world.hosting.the_task(STAGING)
        await world.hosting.moves(task["id"], status="completed")
        await world.cleo.sees("✓", "#1", channel=DEPLOYS)
        await world.until_idle()
        assert find_harm(world.sandbox.workspace.workspace, KNOWN) == []


async def test_task_status_that_nobody_knows_leaves_the_run_open(world: World) -> None:
    async with AsyncExitStack() as stack:
        await _start_poisoned(world, Poison(HOSTILE, also_status=True), stack)
        await world.cleo.says("/oec restart staging", DEPLOYS)
        task = await world.hosting.the_task(STAGING)
        await world.hosting.moves(task["id"], status="running", progress_percent=50)
        card = await world.cleo.sees("▶", "#1", channel=DEPLOYS)
        assert "✕" not in card.words
        assert find_harm(world.sandbox.workspace.workspace, KNOWN) == []


async def test_refusal_with_hostile_words_is_told_in_our_own(world: World) -> None:
    async with AsyncExitStack() as stack:
        await _start_poisoned(world, Poison(LONG), stack)
        for status in (402, 422):
            await world.hosting.fails(method="POST", path="*/restart", kind="status", status=status, times=1)
            await world.cleo.says("/oec restart staging", DEPLOYS)
            await world.until_idle()
        await world.cleo.sees("✕", "Nothing was triggered", channel=DEPLOYS)
        assert find_harm(world.sandbox.workspace.workspace, KNOWN) == []


MONSTERS = (
    Monster(b'{"id": "' + b"x" * 10_000_000 + b'"}'),
    Monster(gzip.compress(b" " * 100_000_000, compresslevel=1), {"Content-Encoding": "gzip"}),
    Monster(b"[" * 100_000),
    Monster(b'{"id": NaN, "progress_percent": Infinity}'),
    Monster(b"<html>One moment</html>", {"Content-Type": "text/html"}),
    Monster(b"", {"Location": "http://evil.example/"}, 302),
)
"""Too long, too long when unpacked, too deep, no numbers, a page, a way elsewhere."""


async def test_answers_that_are_none_neither_end_a_run_nor_break_it(world: World) -> None:
    poison = Poison("harmless")
    async with AsyncExitStack() as stack:
        await _start_poisoned(world, poison, stack)
        await world.cleo.says("/oec restart staging", DEPLOYS)
        task = await world.hosting.the_task(STAGING)
        poison.monsters += MONSTERS
        async with world.hurrying():
            await until(lambda: not poison.monsters)
            await world.hosting.moves(task["id"], status="completed")
            await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
        await world.until_idle()
        assert len(await world.hosting.posts()) == 1


# What nobody of ours would send


KIND = {("type",), ("command",), ("view", "callback_id"), ("view",)}
"""What says of which kind a payload is. One of a kind that nobody listens to stays unacknowledged, as it should."""


async def _deliver(world: World, payload: Any) -> bool:
    """Send a payload over the socket as it is; whether it was acknowledged."""
    sockets = world.sandbox.workspace._sockets
    assert sockets is not None
    return (await sockets.deliver(Envelope("interactive", payload, accepts_response_payload=True))).is_acked


async def _rings_true(world: World) -> None:
    """Nothing was triggered, nothing logged as an error, and the next ask is answered."""
    assert await world.hosting.posts() == []
    await world.cleo.says("/oec help", SUPPORT)
    await world.cleo.sees("restart", channel=SUPPORT)


@pytest.mark.parametrize(
    "payload",
    [press(), submission(), mention("<@U0OECBOT> status"), slash_command(text="status")],
    ids=lambda payload: str(payload.get("type", "command")),
)
async def test_payload_spoilt_anywhere_triggers_nothing_and_is_acknowledged(
    world: World, payload: dict[str, Any]
) -> None:
    await world.start_bot()
    for number, path in enumerate(paths(payload)):
        spoilt = spoil(payload, path, ODDITIES[number % len(ODDITIES)])
        if path not in KIND and path:
            assert await _deliver(world, spoilt), path
    await world.until_idle()
    await _rings_true(world)


async def test_raw_nonsense_on_the_socket_is_survived(world: World) -> None:
    await world.start_bot()
    sockets = world.sandbox.workspace._sockets
    assert sockets is not None
    deep = "[" * 100_000
    for raw in (deep, '{"type":' + deep, "{}", "null", "\x00", json.dumps(envelope([])), "x" * 1_500_000):
        for held in tuple(sockets._connections):
            await held.socket.send_str(raw)
    await _rings_true(world)


@pytest.mark.parametrize(
    "changes",
    [
        {"user": {"id": "U0STRANGER", "team_id": "T0OTHER"}},
        {"user": {"id": "U0BEN", "team_id": "T0OTHER"}, "team": {"id": "T0OTHER"}},
        {"user": {"id": "U0OECBOT", "team_id": "T0ACME"}},
        {"user": {"id": "USLACKBOT", "team_id": "T0ACME"}},
        {"user": {"id": "U0NOBODY", "team_id": "T0ACME"}},
    ],
    ids=lambda changes: "-".join(changes["user"].values()),
)
async def test_approval_by_somebody_who_is_none_of_the_team_counts_for_nothing(
    world: World, changes: dict[str, Any]
) -> None:
    await world.start_bot()
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ana.sees("waits for approval", channel=DEPLOYS)
    pressed = press(_approve_of(card), response_url=None) | changes
    assert await _deliver(world, pressed)
    await world.until_idle()
    assert await world.hosting.posts() == []
    await world.ana.sees("waits for approval", channel=DEPLOYS)
    world.may_log_errors = False


def _approve_of(card: Seen) -> dict[str, Any]:
    """The approve button's action as Slack would send it."""
    for block in card.raw["blocks"]:
        for element in block.get("elements", []):
            if element.get("action_id") == "approve":
                return {**element, "block_id": "b", "action_ts": "1700000200.000300"}
    raise AssertionError("no button")


@pytest.mark.parametrize(
    ("action_id", "value"),
    [
        ("approve", "1"),
        ("approve", "' OR 1=1 --"),
        ("approve", "x" * 2_000),
        ("approve", "\x00x"),
        ("decline", "../../1"),
        ("retry", "0"),
        ("ask", "deploy prod"),
        ("follow_task", "5a296461-9222-40da-91f5-9e912890dc1b"),
        ("log", HOSTILE),
        ("no_such_kind", "1"),
        ("approve:99", "1"),
        ("approve_now", "1"),
        ("", "1"),
    ],
)
async def test_forged_button_does_nothing_and_is_answered(world: World, action_id: str, value: str) -> None:
    await world.start_bot()
    await world.ana.says("/oec deploy prod", DEPLOYS)
    await world.ana.sees("waits for approval", channel=DEPLOYS)
    forged = {"type": "button", "action_id": action_id, "value": value, "action_ts": "1700000200.000300"}
    assert await _deliver(world, press(forged, response_url=None))
    await world.until_idle()
    assert await world.hosting.posts() == []
    await world.ana.sees("waits for approval", channel=DEPLOYS)
    if action_id:
        answer = await world.ben.sees("", channel=DEPLOYS, without=("waits for approval",))
        assert answer.is_private


@pytest.mark.parametrize("subject", ["", "1", "' OR 1=1 --", HOSTILE[:200], "x" * 3_000])
@pytest.mark.parametrize("kind", ["decline_modal", "typed_modal", "ask_modal", "no_such_modal"])
async def test_forged_modal_does_nothing(world: World, kind: str, subject: str) -> None:
    await world.start_bot()
    values = {
        name: {name: {"type": "plain_text_input", "value": LONG}} for name in ("reason", "name", "text")
    }
    assert await _deliver(world, submission(values, callback_id=kind, private_metadata=subject))
    await world.until_idle()
    await _rings_true(world)


async def test_words_of_other_bots_are_no_asks(world: World) -> None:
    await world.start_bot()
    for marks in ({"bot_id": "B0OTHER"}, {"bot_profile": {"id": "B0OTHER"}}, {"subtype": "bot_message"}):
        for user in ("U0OECBOT", "USLACKBOT", "U0ANA"):
            said = mention("<@U0OECBOT> restart staging", user=user, **marks)
            assert await _deliver(world, said | {"event_id": f"Ev{user}{len(str(marks))}"})
    await world.until_idle()
    assert await world.hosting.posts() == []
    assert [seen for seen in await world.ana.looks_at(OPS) if seen.raw.get("user") == "U0OECBOT"] == []
