"""Strangers at the open address: whatever they send, nothing is triggered, nobody waits, and no secret comes out.

The bot is a process of its own that logs everything it can; at the end its whole output is read.
"""

import asyncio
import base64
import contextlib
import dataclasses
import json
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from bot.sim.hosting.courier import sign as sign_as_hosting
from bot.sim.hosting.entities import Signing
from bot.sim.workspace.request_urls import sign as sign_as_slack
from tests.slack.payloads import slash_command
from tests.support.hosting import STAGING
from tests.support.posting import LISTENING, find_port, move_app
from tests.support.process import BotProcess, run_to_end
from tests.support.world import DEPLOYS, World, running_world

SIGNING_SECRET, WEBHOOK_SECRET, OLD_SECRET = (
    "canary-of-slacks-signing-secret",
    "whsec_canary-of-a-webhook",
    "whsec_canary-of-the-former-one",
)
SECRETS = {
    "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    "OEC_WEBHOOK_SECRET": WEBHOOK_SECRET,
    "OEC_WEBHOOK_OLD_SECRET": OLD_SECRET,
}


class Street:
    """Everybody who can reach the bot's address."""

    def __init__(self, world: World, port: int) -> None:
        self.world = world
        self.port = port
        self._http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20)

    async def post(self, path: str, body: bytes, **headers: str) -> int:
        """Post this; the status, which is all there may be."""
        answer = await self._http.post(
            path, content=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        assert answer.is_success or answer.content == b"", answer.text
        return answer.status_code

    async def health(self) -> tuple[int, str]:
        answer = await self._http.get("/health")
        return answer.status_code, answer.text

    async def post_as_slack(self, body: bytes, *, secret: str = SIGNING_SECRET, age: int = 0) -> int:
        timestamp = str(int(time.time()) - age)
        return await self.post(
            "/slack/events",
            body,
            Content_Type="application/x-www-form-urlencoded",
            X_Slack_Request_Timestamp=timestamp,
            X_Slack_Signature=sign_as_slack(secret, timestamp, body),
        )

    async def post_as_hosting(self, body: bytes, *, secret: str = WEBHOOK_SECRET) -> int:
        signature = "sha256=" + sign_as_hosting(secret, body, Signing())
        return await self.post("/oec/webhook", body, X_Webhook_Signature=signature)

    async def close(self) -> None:
        await self._http.aclose()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world whose bot is a process of its own, which Slack posts to."""
    async with running_world(tmp_path, start=False) as running:
        running.may_leave_unread = True
        yield running


def settings_of(world: World) -> dict[str, str]:
    files = {"OEC_RULES": str(world.rules), "OEC_DATABASE": str(world.database)}
    return world.sandbox.settings() | files | LISTENING | SECRETS


@pytest.fixture
async def street(world: World) -> AsyncIterator[Street]:
    """The bot's address, open to everybody; in the end nothing that the bot said holds a secret or a traceback."""
    bot = BotProcess(settings_of(world), world.folder)
    lines = await bot.start("--verbose")
    street = Street(world, find_port(lines))
    workspace = world.sandbox.workspace.workspace
    workspace.put_app(dataclasses.replace(workspace.app, signing_secret=SIGNING_SECRET))
    await move_app(world, street.port)
    yield street
    await street.close()
    bot.send(signal.SIGTERM)
    status, rest = await bot.ends()
    said = "\n".join([*lines, *rest])
    assert status == 0
    for secret in SECRETS.values():
        for form in (secret, secret.removeprefix("whsec_"), base64.b64encode(secret.encode()).decode()):
            assert form not in said
    assert "Traceback" not in said
    assert "stranger" not in said
    assert said.count("Refused over HTTP") <= 2  # the first at once, the rest at the end


def command(text: str, **changes: str) -> bytes:
    """A slash command of Cleo's, as Slack writes it."""
    return urlencode(slash_command(text=text, user_id="U0CLEO", **changes)).encode()


async def test_forged_requests_trigger_nothing_and_say_nothing(street: Street) -> None:
    asked = command("restart staging # stranger")
    event = json.dumps({"event": "deploy.completed", "environment_id": STAGING, "stranger": "1"}).encode()
    for _ in range(50):
        assert await street.post_as_slack(asked, secret="a stranger's guess") == 401
        assert await street.post_as_slack(asked, age=3600) == 401
        assert await street.post("/slack/events", asked) == 401
        assert await street.post_as_hosting(event, secret="a stranger's guess") == 401
        assert await street.post("/oec/webhook", event, X_Webhook_Signature="sha256=stranger") == 401
        assert await street.post("/oec/webhook", event, X_Stranger_Signature="x") == 401
        assert await street.post("/stranger", event) == 404
    assert await street.world.hosting.posts() == []
    assert await street.health() == (200, "well")


async def test_request_of_slacks_sent_again_by_a_stranger_acts_once(street: Street) -> None:
    asked = command("restart staging")
    timestamp = str(int(time.time()))
    headers = {
        "Content_Type": "application/x-www-form-urlencoded",
        "X_Slack_Request_Timestamp": timestamp,
        "X_Slack_Signature": sign_as_slack(SIGNING_SECRET, timestamp, asked),
    }
    for _ in range(5):
        assert await street.post("/slack/events", asked, **headers) == 200
    task = await street.world.hosting.the_task(STAGING)
    await street.world.hosting.moves(task["id"], status="completed")
    await street.world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    assert await street.post("/slack/events", asked, **headers) == 200
    assert len(await street.world.hosting.posts()) == 1


async def test_webhook_sent_again_by_a_stranger_changes_nothing(street: Street) -> None:
    event = json.dumps({"event": "deploy.failed", "deployment": {"id": STAGING, "status": "failed"}}).encode()
    for _ in range(20):
        assert await street.post_as_hosting(event) == 204
        assert await street.post_as_hosting(event, secret=OLD_SECRET) == 204
    assert await street.world.hosting.posts() == []


@pytest.mark.parametrize("path", ["/slack/events", "/oec/webhook"])
async def test_ten_megabytes_are_refused(street: Street, path: str) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b"stranger" * 8192

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{street.port}") as http:
        assert await street.post(path, b"stranger" * 1_310_720) == 413
        with contextlib.suppress(httpx.TransportError):  # cut in the middle is as well
            assert (await http.post(path, content=pieces())).status_code == 413
    assert await street.health() == (200, "well")


async def test_signed_nonsense_is_refused_without_a_traceback(street: Street) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    for body in (deep, b"", b"stranger", b"\xff\xfe", b'{"id":' * 1_000):
        assert await street.post_as_hosting(body) == 400
    for payload in (deep.decode(), "", "3", "null", "[]", '{"type": "block_actions"}'):
        assert await street.post_as_slack(urlencode({"payload": payload}).encode()) == 400
    assert await street.health() == (200, "well")


async def test_a_hundred_strangers_who_say_nothing_hold_nobody_up(street: Street) -> None:
    begun = b"POST /slack/events HTTP/1.1\r\nHost: stranger\r\nContent-Length: 1000\r\n\r\nstranger"
    silent = [await asyncio.open_connection("127.0.0.1", street.port) for _ in range(100)]
    for number, (_, writer) in enumerate(silent):
        writer.write(begun if number % 2 else begun[:30])
    said = await street.world.cleo.says("/oec restart staging", DEPLOYS)
    assert said["acked"] is True
    assert await street.world.hosting.the_task(STAGING)
    for _, writer in silent:
        writer.close()


async def test_noise_while_a_deploy_runs_keeps_its_card_true(street: Street) -> None:
    world = street.world
    await world.cleo.says("/oec deploy staging", DEPLOYS)
    card = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    task = await world.hosting.the_task(STAGING)
    noise = asyncio.gather(*(street.post("/oec/webhook", b"stranger" * 1_000) for _ in range(200)))
    await world.hosting.moves(task["id"], status="completed")
    done = await world.cleo.sees("✓", "`staging` is deployed", channel=DEPLOYS)
    assert done.ts == card.ts
    assert set(await noise) == {401}


async def test_port_that_is_taken_ends_the_start_with_one_line(world: World) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}"
        settings = settings_of(world) | {"OEC_LISTEN": address}
        status, out, err = await run_to_end("run", settings=settings, folder=world.folder)
    assert (status, out) == (2, "")
    [line] = err.strip().splitlines()
    assert line.startswith(f"OEC_LISTEN={address}: this port is taken")
