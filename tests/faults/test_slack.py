"""Slack misbehaves while a run is under way: the platform is asked once, the card ends true, the end is told once."""

import pytest

from tests.support.hosting import STAGING
from tests.support.world import DEPLOYS, SHARP_EARED, World

SOCKET_FAULTS = [
    {"kind": "disconnect", "reason": "warning"},
    {"kind": "disconnect", "reason": "refresh_requested"},
    {"kind": "reset"},
    {"kind": "refuse_ticket", "times": 2},
    {"kind": "silent"},
    {"kind": "noise"},
]

HELP = {"link_disabled": "Switch it on again", "too_many_websockets": "Does it run elsewhere"}

CALL_FAULTS = [
    {"kind": kind, "method": method, **facts}
    for method in ("chat.postMessage", "chat.update")
    for kind, facts in (
        ("ratelimit", {"retry_after": 1, "times": 2}),
        ("ratelimit", {"retry_after": 1, "times": 1, "empty_body": True}),
        ("error", {"error": "internal_error", "times": 2}),
        ("error", {"error": "fatal_error", "times": 1}),
        ("hang", {"seconds": 1, "times": 1}),
    )
]


def _name(fault: dict[str, object]) -> str:
    return " ".join(str(value) for key, value in fault.items() if key not in {"times", "seconds"})


async def _restart_and_end(world: World) -> None:
    """Ask for a restart, let it end, and see that everything is told, once."""
    await world.cleo.says("/oec restart staging", DEPLOYS)
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="completed")
    card = await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await world.cleo.sees("<@U0CLEO>, `staging` is restarted", channel=DEPLOYS, thread=card.ts)
    await world.until_idle()
    thread = await world.cleo.reads_thread(card)
    assert thread.count("<@U0CLEO>, `staging` is restarted") == 1
    assert thread.count("100 %") == 1
    here = [seen for seen in await world.cleo.looks_at(DEPLOYS) if "#1" in seen.words]
    assert [seen.ts for seen in here if not seen.is_private] == [card.ts]
    heard = [seen for seen in here if seen.is_private]  # where the card took a while, privately
    world.read.update((DEPLOYS, seen.ts) for seen in heard)
    assert all("Heard: `restart staging`" in seen.words for seen in heard)
    assert len(await world.hosting.posts()) == 1


@pytest.mark.parametrize("fault", CALL_FAULTS, ids=_name)
async def test_call_fault_ends_with_true_messages(world: World, fault: dict[str, object]) -> None:
    await world.faults(**fault)
    await _restart_and_end(world)


@pytest.mark.parametrize("fault", SOCKET_FAULTS, ids=_name)
async def test_socket_fault_is_recovered_from(world: World, fault: dict[str, object]) -> None:
    if fault["kind"] == "silent":
        await world.stop_bot()
        world.tempo = SHARP_EARED
        await world.start_bot()
    await world.faults(**fault)
    if fault["kind"] == "refuse_ticket":
        await world.faults(kind="reset")
    await world.until_heard()
    await _restart_and_end(world)


@pytest.mark.parametrize("reason", ["link_disabled", "too_many_websockets"])
async def test_farewell_for_good_is_not_answered_with_a_storm(world: World, reason: str) -> None:
    before = await world.count_calls("apps.connections.open")
    await world.faults(kind="disconnect", reason=reason)
    await world.until_deaf()
    assert await world.count_calls("apps.connections.open") == before
    [line] = [line for line in world.lines if "I hear nobody meanwhile" in line]
    assert HELP[reason] in line


async def test_run_is_followed_and_told_while_slack_does_not_let_the_bot_hear(world: World) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    task = await world.hosting.the_task(STAGING)
    await world.faults(kind="disconnect", reason="link_disabled")
    await world.until_deaf()
    await world.hosting.moves(task["id"], status="completed")
    card = await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await world.cleo.sees("<@U0CLEO>, `staging` is restarted", channel=DEPLOYS, thread=card.ts)
    await world.until_idle()
    await world.cleo.reads_thread(card)


async def test_app_token_taken_away_is_told_once_and_what_is_heard_goes_on(world: World) -> None:
    await world.faults(kind="error", method="apps.connections.open", error="token_revoked", times=1_000)
    await world.faults(kind="disconnect", reason="refresh_requested")
    await world.until_said("Slack no longer takes SLACK_APP_TOKEN (token_revoked).")
    assert len([line for line in world.lines if "SLACK_APP_TOKEN" in line]) == 1
    await _restart_and_end(world)
    await world.faults(kind="clear")


async def test_redelivered_command_acts_once(world: World) -> None:
    said = await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.redeliver(said["envelope_id"])
    task = await world.hosting.the_task(STAGING)
    await world.redeliver(said["envelope_id"])
    await world.hosting.moves(task["id"], status="completed")
    card = await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)
    assert len(await world.hosting.posts()) == 1


async def test_redelivered_mention_acts_once(world: World) -> None:
    said = await world.cleo.says("<@U0OECBOT> restart staging", DEPLOYS)
    await world.redeliver(said["envelope_id"])
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="completed")
    card = await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)
    assert len(await world.hosting.posts()) == 1


async def test_slack_that_does_not_say_who_asks_decides_nothing(world: World) -> None:
    await world.faults(kind="error", method="users.info", error="internal_error", times=20)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    answer = await world.cleo.sees("Slack does not tell me who you are", channel=DEPLOYS)
    assert answer.is_private
    assert await world.hosting.posts() == []
