"""The whole thing with no accounts: the pretend workspace, the pretend oec.sh and the bot in one process."""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.adapters import Process
from bot.app import Bot
from bot.clock import SystemClock
from bot.rules_file import RulesFile
from bot.settings import read_settings
from bot.sim.sandbox import RULES, Ports, Sandbox

Announce = Callable[[dict[str, object]], None]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """`speed`: how many times faster than life tasks run; `database`: where the history is kept (None: nowhere)."""

    ports: Ports
    speed: float
    database: Path | None


async def run_demo(options: DemoOptions, *, announce: Announce, say: Say, stop: asyncio.Event) -> None:
    """Run until `stop` is set. `announce` is called once, when everything answers."""
    sandbox = Sandbox(speed=options.speed, welcome=True)
    await sandbox.start(options.ports)
    try:
        with tempfile.TemporaryDirectory(prefix="oec-bot-demo-") as folder:
            await _run_bot(sandbox, Path(folder), options.database, announce=announce, say=say, stop=stop)
    finally:
        await sandbox.stop()


async def _run_bot(
    sandbox: Sandbox,
    folder: Path,
    database: Path | None,
    *,
    announce: Announce,
    say: Say,
    stop: asyncio.Event,
) -> None:
    rules = folder / "oec.yml"
    rules.write_text(RULES, encoding="utf-8")
    files = {"OEC_RULES": str(rules), "OEC_DATABASE": str(database or folder / "oec-bot.db")}
    settings = read_settings(sandbox.settings() | files)
    bot = await Bot.start(settings, RulesFile(rules), Process(SystemClock(), say), stop=stop)
    if bot is None:
        return
    try:
        announce(sandbox.announcement(**files))
        await stop.wait()
    finally:
        await bot.stop()
