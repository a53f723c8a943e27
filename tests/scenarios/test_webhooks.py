"""The platform tells by webhook: the bot looks at once, believes only what it sees, and does without where it must."""

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.hosting import STAGING
from tests.support.person import PATIENCE
from tests.support.posting import find_port
from tests.support.world import DEPLOYS, QUICK, World, running_world

SECRET = "whsec_secret-of-a-scenario"
SIGNED = {"OEC_LISTEN": "127.0.0.1:0", "OEC_WEBHOOK_SECRET": SECRET}
DEPLOY_EVENTS = ["deploy.started", "deploy.completed", "deploy.failed", "environment.status_changed"]


async def register(world: World, **signing: Any) -> None:
    """Have the platform tell the bot what happens."""
    body = {
        "url": f"http://127.0.0.1:{find_port(world.lines)}/oec/webhook",
        "secret": SECRET,
        "events": DEPLOY_EVENTS,
    }
    async with httpx.AsyncClient(base_url=world.sandbox.hosting.url) as door:
        answer = await door.post("/control/webhooks", json=body | signing)
    assert answer.is_success, answer.text


async def until_delivered(world: World, event: str, status: int = 204) -> None:
    """Wait until the platform has told of this, and was answered so."""
    deadline = time.monotonic() + PATIENCE
    async with httpx.AsyncClient(base_url=world.sandbox.hosting.url) as door:
        while True:
            told = (await door.get("/control/webhooks")).json()["deliveries"]
            if any(one["event"] == event and one["response_status"] == status for one in told):
                return
            assert time.monotonic() < deadline, f"{event} was not answered with {status}: {told}"
            await asyncio.sleep(0.02)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A bot that looks at a task once an hour of its own accord."""
    async with running_world(tmp_path, start=False) as running:
        running.tempo = dataclasses.replace(QUICK, look_gap=timedelta(hours=1))
        yield running


async def deploy_staging(world: World) -> str:
    """A deploy is under way, and has been looked at for the last time in an hour."""
    await world.cleo.says("/oec deploy staging", DEPLOYS)
    task = await world.hosting.the_task(STAGING)
    card = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    await world.cleo.sees("queued", channel=DEPLOYS, thread=card.ts)
    return str(task["id"])


async def test_end_is_on_the_card_without_waiting_for_the_planned_look(world: World) -> None:
    await world.start_bot(**SIGNED)
    await register(world)
    task = await deploy_staging(world)
    await world.hosting.moves(task, status="running", steps_completed=3, progress_percent=25)
    card = await world.cleo.sees("Deploying", channel=DEPLOYS)
    await world.hosting.moves(task, status="completed")
    done = await world.cleo.sees("✓", "`staging`", channel=DEPLOYS)
    assert done.ts == card.ts
    await world.cleo.sees("<@U0CLEO>", "is deployed", channel=DEPLOYS, thread=card.ts)


@pytest.mark.parametrize(
    ("settings", "signing"),
    [
        (
            {"OEC_WEBHOOK_HEADER": "X-Oec-Signature", "OEC_WEBHOOK_PREFIX": "none"},
            {"signature_header": "X-Oec-Signature", "signature_prefix": ""},
        ),
        (
            {"OEC_WEBHOOK_ENCODING": "base64", "OEC_WEBHOOK_PREFIX": "v1,"},
            {"signature_encoding": "base64", "signature_prefix": "v1,"},
        ),
        ({"OEC_WEBHOOK_SECRET": "whsec_the-next-one", "OEC_WEBHOOK_OLD_SECRET": SECRET}, {}),
    ],
    ids=["header", "base64", "two secrets"],
)
async def test_platform_that_signs_in_another_way_is_understood_by_settings(
    world: World, settings: dict[str, str], signing: dict[str, str]
) -> None:
    await world.start_bot(**(SIGNED | settings))
    await register(world, **signing)
    task = await deploy_staging(world)
    await world.hosting.moves(task, status="completed")
    card = await world.cleo.sees("✓", "`staging`", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)


async def test_lie_in_a_signed_body_changes_nothing_that_is_shown(world: World) -> None:
    await world.start_bot(**SIGNED)
    await register(world)
    await deploy_staging(world)
    async with httpx.AsyncClient(base_url=world.sandbox.hosting.url) as door:
        told = {"deployment": {"status": "failed", "error_message": "<!channel> lies"}}
        body = {"event": "deploy.failed", "environment_id": STAGING, "details": told}
        assert (await door.post("/control/events", json=body)).is_success
    await until_delivered(world, "deploy.failed")
    await world.until_idle()
    card = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    assert "failed" not in card.words
    assert "lies" not in card.words + await world.cleo.reads_thread(card)


async def test_delivery_signed_with_another_secret_is_refused_and_the_next_planned_look_finds_the_end(
    world: World,
) -> None:
    await world.start_bot(**(SIGNED | {"OEC_WEBHOOK_SECRET": "whsec_another-one"}))
    await register(world)
    task = await deploy_staging(world)
    await world.hosting.moves(task, status="completed")
    await until_delivered(world, "deploy.completed", 401)
    card = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    assert "✓" not in card.words
    world.clock.forward(hours=2)
    await world.cleo.sees("✓", "`staging`", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)


async def test_webhook_that_falls_silent_is_not_waited_for(world: World) -> None:
    """It told of the beginning and not of the end: the safety net finds it."""
    world.tempo = QUICK
    await world.start_bot(**SIGNED)
    await register(world)
    task = await deploy_staging(world)
    await world.hosting.moves(task, status="running", steps_completed=3, progress_percent=25)
    card = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    await world.cleo.sees("25 %", channel=DEPLOYS, thread=card.ts)
    await until_delivered(world, "deploy.started")
    async with httpx.AsyncClient(base_url=world.sandbox.hosting.url) as door:
        webhook = (await door.get("/control/webhooks")).json()["webhooks"][0]
        gone = {"deliver_to": "http://127.0.0.1:9/nobody"}
        assert (await door.post(f"/control/webhooks/{webhook['id']}", json=gone)).is_success
    await world.hosting.moves(task, status="completed")
    world.clock.forward(seconds=11)
    await world.cleo.sees("✓", "`staging`", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)
