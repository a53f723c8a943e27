"""Slack or oec.sh unwell in the middle of a run: the card ends true all the same."""

import pytest

from tests.support.hosting import STAGING
from tests.support.world import DEPLOYS, World


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "method": "chat.update", "error": "internal_error", "times": 2},
        {"kind": "ratelimit", "method": "chat.update", "retry_after": 1, "times": 1},
        {"kind": "ratelimit", "method": "chat.update", "retry_after": 1, "times": 1, "empty_body": True},
        {"kind": "drop_answer", "method": "chat.update", "times": 2},
        {"kind": "error", "method": "chat.update", "error": "message_not_found", "times": 1},
    ],
    ids=["broken", "limited", "limited without a body", "answer lost", "message gone"],
)
async def test_card_ends_true_where_an_edit_fails(world: World, fault: dict[str, object]) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.cleo.sees("`staging`", "queued", channel=DEPLOYS)
    await world.until_idle()
    await world.faults(**fault)
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="completed")
    card = await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await world.until_idle()
    world.may_leave_unread = True
    cards = [
        seen for seen in await world.cleo.looks_at(DEPLOYS) if "#1" in seen.words and not seen.is_passing
    ]
    assert [seen.ts for seen in cards if "queued" not in seen.words] == [card.ts]


async def test_progress_of_a_run_asked_while_slack_takes_no_posts_is_shown_later(world: World) -> None:
    await world.faults(kind="error", method="chat.postMessage", error="service_unavailable", times=3)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.cleo.sees("Heard: `restart staging`", "#1", channel=DEPLOYS)
    card = await world.cleo.sees("`staging`", "queued", "#1", channel=DEPLOYS)
    await world.cleo.sees("queued", channel=DEPLOYS, thread=card.ts)
    assert len(await world.hosting.posts()) == 1


async def test_card_says_when_the_platform_has_been_silent_and_takes_it_back(world: World) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.cleo.sees("queued", channel=DEPLOYS)
    await world.hosting.fails(method="GET", path="/deployments/*", kind="status", status=503, times=10_000)
    await world.until_silent()
    world.clock.forward(seconds=40)
    silent = await world.cleo.sees("oec.sh has not answered since", channel=DEPLOYS)
    assert "failed" not in silent.words
    await world.hosting.fails(kind="clear")
    world.clock.forward(minutes=2)
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="completed")
    await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await world.until_idle()
    world.may_leave_unread = True


async def test_lost_answer_of_the_platform_triggers_one_action(world: World) -> None:
    await world.hosting.fails(method="POST", path="*/restart", kind="drop_after", times=1)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    card = await world.cleo.sees("queued", channel=DEPLOYS)
    await world.cleo.sees("queued", channel=DEPLOYS, thread=card.ts)
    posts = await world.hosting.posts()
    assert len(posts) == 2
    assert len({post["idempotency_key"] for post in posts}) == 1
    assert await world.hosting.the_task(STAGING)
