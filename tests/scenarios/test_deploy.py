"""The main job: ask for a deploy, approve it by button, watch the card and the thread, read the end."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.hosting import PROD, STAGING
from tests.support.world import DEPLOYS, IN_SLACKS_OWN_TIME, World, running_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world in which nothing is shown faster than Slack lets an app show it."""
    async with running_world(tmp_path, tempo=IN_SLACKS_OWN_TIME) as running:
        yield running


async def test_approved_deploy_is_followed_to_its_end(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("Deploy `prod`", "waits for approval", "#1", channel=DEPLOYS)
    assert "Approve" in card.buttons
    assert await world.hosting.posts() == []

    await world.ben.presses("Approve", card)
    await world.ana.sees("Deploy `prod`", "queued", "approved by <@U0BEN>", channel=DEPLOYS)
    task = await world.hosting.the_task(PROD)
    await world.hosting.moves(
        task["id"], status="running", steps_completed=5, progress_percent=42, current_step="Run migrations"
    )
    await world.ana.sees("Deploying `prod`", "approved by <@U0BEN>", channel=DEPLOYS)
    progress = await world.ana.sees("42 %", "Run migrations", channel=DEPLOYS, thread=card.ts)

    await world.hosting.moves(task["id"], status="completed")
    await world.ana.sees("`prod`", "is deployed", "<@U0ANA>", channel=DEPLOYS, thread=card.ts)
    done = await world.ben.sees("✓", "`prod`", channel=DEPLOYS)
    assert done.ts == card.ts
    assert done.buttons == ()
    last = await world.ana.sees("100 %", channel=DEPLOYS, thread=card.ts)
    assert last.ts == progress.ts

    await world.cleo.says("/oec history", DEPLOYS)
    await world.cleo.sees("1 run", "#1", "<@U0ANA>", "<@U0BEN>", channel=DEPLOYS)


async def test_deploy_without_approval_starts_at_once(world: World) -> None:
    await world.cleo.says("/oec deploy staging modules=sale,stock", DEPLOYS)
    card = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    await world.cleo.sees("queued", channel=DEPLOYS, thread=card.ts)
    [post] = await world.hosting.posts()
    assert post["body"] == {"update_modules": ["sale", "stock"]}
    assert post["idempotency_key"]
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="completed")
    await world.cleo.sees("<@U0CLEO>", "`staging` is deployed", channel=DEPLOYS, thread=card.ts)
    await world.until_idle()
    assert "100 %" in await world.cleo.reads_thread(card)


async def test_failed_deploy_shows_the_log_and_offers_a_way_on(world: World) -> None:
    await world.hosting.pace(mode="reads", reads=3)
    await world.hosting.next_ends(
        STAGING,
        "failed",
        error_message='relation "sale_order_line" does not exist',
        log="step 8\npassword=hunter2secret\npsycopg2.errors.UndefinedTable",
    )
    await world.cleo.says("/oec deploy staging", DEPLOYS)
    card = await world.cleo.sees("✕", "`staging`", "failed", channel=DEPLOYS)
    assert "Retry" in card.buttons
    end = await world.cleo.sees("sale_order_line", "UndefinedTable", channel=DEPLOYS, thread=card.ts)
    assert "hunter2secret" not in end.words
    await world.until_idle()
    assert "failed after" in await world.cleo.reads_thread(card)

    await world.cleo.presses("Retry", card)
    again = await world.cleo.sees("#2", "`staging`", channel=DEPLOYS)
    assert again.ts != card.ts
    await world.cleo.sees("✓", "#2", channel=DEPLOYS)
    await world.until_idle()
    assert "is deployed" in await world.cleo.reads_thread(again)


async def test_cancelled_task_is_not_called_failed(world: World) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    card = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="cancelled")
    ended = await world.cleo.sees("cancelled", channel=DEPLOYS)
    assert "failed" not in ended.words
    await world.until_idle()
    assert "<@U0CLEO>, restarting `staging` was cancelled" in await world.cleo.reads_thread(card)
