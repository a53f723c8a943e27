"""A canary in every secret setting of a real process at DEBUG, under every kind of fault: it is found nowhere after.

Nowhere is: what the process prints, what it tells Slack (the header that carries the token aside), every page of its
database, a backup of it. Nor do tickets, response addresses and trigger ids stand in any line.
"""

import asyncio
import base64
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.settings import SettingsError, read_settings
from tests.support.hosting import PROD, STAGING
from tests.support.process import run_to_end
from tests.support.world import DEPLOYS, World, running_world

CANARY = "Kan4rienv0gel7tweet9"
SECRETS = {
    "SLACK_BOT_TOKEN": f"xoxb-{CANARY}-b0t",
    "SLACK_APP_TOKEN": f"xapp-1-A0OECBOT-{CANARY}-4pp",
    "SLACK_SIGNING_SECRET": f"{CANARY}5igning",
    "OEC_API_KEY": f"oec_live_rw_{CANARY}-fu11-{'x' * 20}",
    "OEC_READ_KEY": f"oec_live_ro_{CANARY}-re4d-{'x' * 20}",
    "OEC_WEBHOOK_SECRET": f"whsec_{CANARY}-h00k",
    "OEC_WEBHOOK_OLD_SECRET": f"{CANARY}-0ld-h00k-0123456789",
}
MARKS = ("Kan4rie", "v0gel7tweet9")
"""Parts of every secret: half a secret is one too."""

AT_DEBUG = """
import logging
import bot.cli.service as service
from bot.process import start_logging
service.start_logging = lambda level: start_logging(logging.DEBUG)
from bot.__main__ import main
main()
"""

SLACK_FAULTS: tuple[dict[str, object], ...] = (
    {"kind": "ratelimit", "method": "chat.update", "retry_after": 1, "times": 1},
    {"kind": "error", "method": "chat.postMessage", "error": "internal_error", "times": 1},
    {"kind": "error", "method": "users.info", "error": "invalid_auth", "times": 1},
    {"kind": "drop_answer", "method": "chat.update", "times": 1},
    {"kind": "noise"},
    {"kind": "refuse_ticket", "times": 1},
    {"kind": "reset"},
)
HOSTING_FAULTS: tuple[dict[str, object], ...] = (
    {"method": "POST", "kind": "drop_after", "times": 1},
    {"method": "GET", "path": "/deployments/*", "kind": "not_json", "times": 1},
    {"method": "GET", "path": "/deployments/*", "kind": "status", "status": 401, "times": 1},
)


def disguises() -> Iterator[str]:
    """What a canary looks like as it is, in an address, and within anything written in base 64."""
    yield from MARKS
    for secret in SECRETS.values():
        yield quote(secret, safe="")
    for mark in MARKS:
        for shift in range(3):
            written = base64.b64encode(b"\0" * shift + mark.encode()).decode()
            yield written[(0, 2, 3)[shift] : (len(mark) + shift) * 8 // 6]


def find_canaries(text: str) -> list[str]:
    """Where in a text a canary sings, with a little of what stands around."""
    found = [(form, text.find(form)) for form in disguises() if form in text]
    return [f"{form!r} in {text[max(0, at - 80) : at + 80]!r}" for form, at in found]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world whose two services take the canaries for the right secrets."""
    async with running_world(tmp_path, start=False) as running:
        running.may_leave_unread = running.may_log_errors = True
        workspace = running.sandbox.workspace.workspace
        workspace.put_app(
            replace(
                workspace.app,
                bot_token=SECRETS["SLACK_BOT_TOKEN"],
                app_token=SECRETS["SLACK_APP_TOKEN"],
                signing_secret=SECRETS["SLACK_SIGNING_SECRET"],
            )
        )
        for name, kind in (("OEC_API_KEY", "full"), ("OEC_READ_KEY", "read_only")):
            await running.hosting._control("keys", {"key": SECRETS[name], "kind": kind})
        yield running


def settings_of(world: World, **changed: str) -> dict[str, str]:
    """The settings of a bot in this world, every secret a canary."""
    files = {"OEC_RULES": str(world.rules), "OEC_DATABASE": str(world.database)}
    listening = {"OEC_LISTEN": "127.0.0.1:0"}
    return world.sandbox.settings() | SECRETS | files | listening | changed


@asynccontextmanager
async def running_at_debug(world: World, settings: Mapping[str, str], said: Path) -> AsyncIterator[None]:
    """The bot as a process of its own that logs everything; ended by SIGTERM."""
    with said.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", AT_DEBUG, "run"),
            cwd=world.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **settings},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        await until_said(said, "Ready.")
        yield
        process.terminate()
        await asyncio.wait_for(process.wait(), 10)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def read_all(folder: Path, pattern: str) -> list[bytes]:
    """What stands in these files, every page of it."""
    return [path.read_bytes() for path in folder.glob(pattern)]


async def until_said(said: Path, words: str) -> None:
    """Wait until the process has said this."""
    deadline = time.monotonic() + 30
    while words not in (so_far := await asyncio.to_thread(said.read_text, encoding="utf-8")):
        assert time.monotonic() < deadline, so_far
        await asyncio.sleep(0.05)


async def _lives_through_faults(world: World) -> None:
    """A deploy that is approved and fails, and a restart, each while everything goes wrong."""
    for fault in HOSTING_FAULTS:
        await world.hosting.fails(**fault)
    for fault in SLACK_FAULTS[:4]:
        await world.faults(**fault)
    await world.ana.says("/oec status", DEPLOYS)
    await world.ana.sees("who you are", channel=DEPLOYS)
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ana.sees("waits for approval", channel=DEPLOYS)
    await world.ben.presses("Approve", card)
    task = await world.hosting.the_task(PROD)
    log = "".join(f"{name}={secret}\n" for name, secret in SECRETS.items())
    failure = f"could not log in with {SECRETS['OEC_API_KEY']}"
    await world.hosting.moves(task["id"], status="failed", error_message=failure, log=log)
    for fault in SLACK_FAULTS[4:]:
        await world.faults(**fault)
    await world.ana.sees("✕", channel=DEPLOYS)
    await world.until_heard()
    await world.cleo.says("/oec restart staging", DEPLOYS)
    restart = await world.hosting.the_task(STAGING)
    await world.hosting.moves(restart["id"], status="completed")
    await world.cleo.sees("✓", "`staging`", channel=DEPLOYS)


async def test_canary_in_every_secret_is_found_nowhere(world: World, tmp_path: Path) -> None:
    said, copy = tmp_path / "said", tmp_path / "copy.db"
    settings = settings_of(world)
    async with running_at_debug(world, settings, said):
        await _lives_through_faults(world)
        status, out, err = await run_to_end("backup", str(copy), settings=settings, folder=world.folder)
        assert status == 0, err
        pages = await asyncio.to_thread(read_all, tmp_path, "oec-bot.db*")
    spoken = await asyncio.to_thread(said.read_text, encoding="utf-8")
    assert "DEBUG" in spoken
    assert find_canaries(spoken + out + err) == []
    assert find_canaries(_told_to_slack(world)) == []
    kept = [*pages, *await asyncio.to_thread(read_all, tmp_path, "*.db*")]
    assert any(b"staging" in page for page in kept)
    assert find_canaries("".join(page.decode("latin-1") for page in kept)) == []
    _check_no_keys_to_answers(world, spoken)


def _told_to_slack(world: World) -> str:
    """Everything that reached Slack but the header with the token."""
    workspace = world.sandbox.workspace.workspace
    return repr([call.args for call in workspace.calls]) + repr([one.body for one in workspace.answers])


def _check_no_keys_to_answers(world: World, spoken: str) -> None:
    """Neither a ticket for the socket, nor a response address, nor a trigger id stands in any line."""
    assert re.findall(r"ticket=(?!•••)\S+", spoken) == []
    addresses = world.sandbox.workspace.workspace.reply_addresses
    assert addresses
    assert [key for key in addresses if key in spoken] == []
    assert "trigger_id" not in spoken.replace("'trigger_id': '•••'", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_APP_TOKEN", f"xapp-1-A0OECBOT-{CANARY}-wr0ng"),
        ("OEC_READ_KEY", f"oec_live_ro_{CANARY}-wr0ng-{'x' * 20}"),
    ],
)
async def test_refused_secret_is_not_repeated(world: World, name: str, value: str) -> None:
    settings = settings_of(world, **{name: value})
    status, out, err = await run_to_end("run", "--verbose", settings=settings, folder=world.folder)
    assert (status, out) == (2, "")
    assert name in err
    assert "Traceback" not in err
    assert find_canaries(err) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, f"{CANARY} with blanks") for name in SECRETS),
        *((name, f"{secret}é") for name, secret in SECRETS.items()),
        ("SLACK_API_URL", f"https://me:{CANARY}@slack.com/api/"),
        ("SLACK_API_URL", f"https://slack.com/api/?token={CANARY}"),
        ("OEC_API_URL", f"https://{CANARY}@api.oec.sh/api/public/v1"),
        ("OEC_LISTEN", f"{CANARY}@localhost:x"),
    ],
)
def test_spoilt_secret_is_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(SECRETS | {"OEC_LISTEN": "127.0.0.1:0", name: value})
    assert name in str(refused.value)
    assert find_canaries(str(refused.value)) == []


def test_every_secret_setting_is_known_as_one() -> None:
    given = SECRETS | {"OEC_LISTEN": "127.0.0.1:0"}
    settings = read_settings(given)
    assert set(settings.secrets) == set(SECRETS.values())
    assert find_canaries(repr(settings)) == []


def test_canaries_are_heard_in_every_disguise() -> None:
    for secret in SECRETS.values():
        header = base64.b64encode(f"oec:{secret}".encode()).decode()
        for said in (secret, f"https://x/?key={quote(secret, safe='')}", header):
            assert find_canaries(said) != [], said
    assert find_canaries("xoxb-••• and nothing else") == []
