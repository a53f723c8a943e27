"""oec.sh misbehaves: one action at most, never "failed" for what is unknown, and the card ends true."""

from dataclasses import replace

import pytest

from tests.support.hosting import STAGING
from tests.support.world import DEPLOYS, World

WRITE_FAULTS = [
    {"kind": "drop_before", "times": 1},
    {"kind": "drop_after", "times": 1},
    {"kind": "drop_after", "times": 3},
    {"kind": "not_json", "times": 1},
    {"kind": "status", "status": 500, "times": 2},
    {"kind": "status", "status": 502, "times": 1},
    {"kind": "status", "status": 503, "times": 2},
    {"kind": "status", "status": 504, "times": 1},
]

READ_FAULTS = [
    {"kind": "drop_before", "times": 5},
    {"kind": "not_json", "times": 5},
    {"kind": "status", "status": 500, "times": 5},
    {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}, "times": 2},
    {"kind": "status", "status": 404, "times": 3},
    {"kind": "hang", "seconds": 1, "times": 2},
]


def _name(fault: dict[str, object]) -> str:
    return " ".join(str(value) for value in fault.values())


async def _end(world: World) -> None:
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="completed")
    async with world.hurrying():
        card = await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)


@pytest.mark.parametrize("fault", WRITE_FAULTS, ids=_name)
async def test_fault_while_asking_triggers_one_action(world: World, fault: dict[str, object]) -> None:
    await world.hosting.fails(method="POST", path="*/restart", **fault)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.until_asked_again()
    await _end(world)
    keys = {post["idempotency_key"] for post in await world.hosting.posts()}
    assert len(keys) == 1
    assert len(await world.hosting.tasks(STAGING)) == 1


@pytest.mark.parametrize("fault", READ_FAULTS, ids=_name)
async def test_fault_while_looking_is_outlived(world: World, fault: dict[str, object]) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.hosting.the_task(STAGING)
    await world.hosting.fails(method="GET", path="/deployments/*", **fault)
    await _end(world)
    assert len(await world.hosting.posts()) == 1


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (402, "subscription_blocked", "Billing"),
        (403, "plan_feature_required", "plan"),
        (404, "not_found", "does not know this environment"),
        (422, "validation_error", "refused"),
    ],
)
async def test_refusal_is_told_in_plain_words(world: World, status: int, code: str, words: str) -> None:
    body = {"detail": {"error": code, "message": "<!channel> *so it is*"}}
    await world.hosting.fails(
        method="POST", path="*/restart", kind="status", status=status, body=body, times=1
    )
    await world.cleo.says("/oec restart staging", DEPLOYS)
    card = await world.cleo.sees("✕", words, "Nothing was triggered", channel=DEPLOYS)
    await world.until_idle()
    assert "<@U0CLEO>" in await world.cleo.reads_thread(card)
    assert "<!channel>" not in str(card.raw)
    assert await world.hosting.tasks(STAGING) == []


async def test_conflict_on_a_later_try_is_called_unknown_until_it_is_over(world: World) -> None:
    await world.hosting.fails(method="POST", path="*/restart", kind="drop_before", times=100_000)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.cleo.sees("#1", channel=DEPLOYS)
    await world.hosting.until_asked("POST")
    foreign = await world.hosting.starts(STAGING, "deploy")
    await world.hosting.fails(kind="clear")
    async with world.hurrying():
        card = await world.cleo.sees("⚠", "#1", "not known", channel=DEPLOYS)
    assert "Nothing was triggered" not in card.words
    await world.hosting.moves(foreign["id"], status="completed")
    await world.until_asked_again()
    await _end(world)
    assert len(await world.hosting.tasks(STAGING)) == 1


async def test_end_that_an_archived_channel_does_not_take_is_told_to_the_requester(world: World) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    card = await world.cleo.sees("queued", channel=DEPLOYS)
    task = await world.hosting.the_task(STAGING)
    await world.until_idle()
    await world.cleo.reads_thread(card)
    channels = world.sandbox.workspace.workspace
    channels.put_channel(replace(channels.channels["C0DEPLOYS"], is_archived=True))
    await world.hosting.moves(task["id"], status="completed")
    await world.until_called("chat.postMessage", channel="U0CLEO")
    [told] = await world.cleo.looks_at("D0CLEO")
    assert "`staging` is restarted" in told.words
