"""One bot per database: the database is opened by whoever has its lease, and a standby waits until it has.

A standby is as ready as a bot can be without acting: its settings, rules and keys are looked at as strictly as those of
a first bot, and it reads the rules again as a running bot does. So at the takeover it has the rules in force that the
bot before it had: the newest good ones. It connects to Slack only when it has the lease.
"""

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.adapters import Process, check_keys
from bot.history.failures import FileError
from bot.history.lease import Lease, LeaseHeldError, lease_path
from bot.history.reading import check_readable
from bot.history.store import HistoryStore
from bot.rules_file import RulesError, RulesFile
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Opened:
    """The history, ours alone. `refused` is what is wrong with the rules file since the standby began, if anything."""

    history: HistoryStore
    refused: RulesError | None


async def open_history(
    settings: Settings, rules_file: RulesFile, process: Process, stack: AsyncExitStack
) -> Opened:
    """The database, for this process alone.

    Where another bot has it, a process that stands by waits for that one's end; raises `BotError` otherwise.
    """
    path = settings.database
    was_used = lease_path(path).exists()
    refused: RulesError | None = None
    try:
        lease = Lease.take(path)
    except LeaseHeldError:
        if not process.stands_by:
            raise
        standby = Standby(settings, rules_file, process)
        lease = await standby.wait()
        refused = standby.refused
    stack.callback(lease.release)
    if was_used and not path.exists():
        process.say(
            f"A bot has used the database {path} before, and it is gone: I begin with an empty history. "
            "If you have the file or a copy of it, stop me, put it back and start me again."
        )
    history = HistoryStore.open(path, now=process.clock.now, lease=lease.path)
    stack.callback(history.close)
    return Opened(history, refused)


class Standby:
    """A process that waits for the lease."""

    def __init__(self, settings: Settings, rules_file: RulesFile, process: Process) -> None:
        self.refused: RulesError | None = None
        self._settings = settings
        self._rules_file = rules_file
        self._process = process

    async def wait(self) -> Lease:
        """The lease, once the other bot has ended; raises `BotError` for what only the operator can mend."""
        path, say = self._settings.database, self._process.say
        await asyncio.to_thread(_check_shape, path)
        say(f"Another oec-bot runs with the database {path}. I stand by and take over when it ends.")
        checking = asyncio.create_task(check_keys(self._settings, self._process))
        try:
            while (lease := await self._look(path)) is None:
                if checking.done():
                    checking.result()
                await asyncio.sleep(self._process.tempo.takeover.total_seconds())
        finally:
            checking.cancel()
            await asyncio.gather(checking, return_exceptions=True)
        say("The other oec-bot has ended. I take over.")
        return lease

    async def _look(self, path: Path) -> Lease | None:
        outcome = await asyncio.to_thread(self._rules_file.reload_if_changed)
        if isinstance(outcome, RulesError):
            self.refused = outcome
            for line in outcome.lines:
                self._process.say(line)
            self._process.say("The changed rules are not taken: those before stay in force.")
        elif outcome is not None:
            self.refused = None
            self._process.say("The rules are taken as the file has them now.")
        with suppress(LeaseHeldError):
            return Lease.take(path)
        return None


def _check_shape(path: Path) -> None:
    """Refuse what no waiting will mend: another program's database, or a newer bot's. The rest is seen at the takeover."""
    if path.exists():
        with suppress(FileError):
            check_readable(path)
