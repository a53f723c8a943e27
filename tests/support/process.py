"""The bot as a process of its own, to be started, killed and started again."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path


class BotProcess:
    """`oec-bot run` with nothing of this process's environment but what it needs to start."""

    def __init__(self, settings: Mapping[str, str], folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, *more: str, until: str = "Ready.") -> list[str]:
        """Start it, with more arguments, and wait for this line; all lines up to it."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            *more,
            cwd=self._folder,
            env={**_bare_environment(), **self._settings},
            stderr=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
        )
        return await self.says(until)

    async def says(self, words: str) -> list[str]:
        """Wait until it says a line that holds these words; all lines up to it."""
        process = self._process
        assert process is not None
        assert process.stderr is not None
        lines: list[str] = []
        async with asyncio.timeout(60):
            while line := (await process.stderr.readline()).decode():
                lines.append(line)
                if words in line:
                    return lines
        raise AssertionError(f"it ended without saying {words!r}:\n{''.join(lines)}")

    async def kill(self) -> None:
        """`kill -9`."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()
        self._process = None

    def send(self, signal_number: int) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(signal_number)

    async def ends(self) -> tuple[int, list[str]]:
        """Wait until it ends by itself: its exit status, and what it still said."""
        process = self._process
        assert process is not None
        assert process.stderr is not None
        async with asyncio.timeout(60):
            lines = (await process.stderr.read()).decode().splitlines()
            status = await process.wait()
        self._process = None
        return status, lines

    async def terminate(self) -> int:
        """SIGTERM; the exit status."""
        process = self._process
        assert process is not None
        process.terminate()
        async with asyncio.timeout(60):
            status = await process.wait()
        self._process = None
        return status


async def run_to_end(
    *arguments: str, settings: Mapping[str, str], folder: Path, patience: float = 60
) -> tuple[int, str, str]:
    """Run `oec-bot` with these arguments to its end: exit status, standard output, standard error."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=folder,
        env={**_bare_environment(), **settings},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(patience):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        out, err = await process.communicate()
        raise AssertionError(f"it did not end:\n{out.decode()}\n{err.decode()}") from None
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def _bare_environment() -> dict[str, str]:
    """What a process needs to start: the programs, and where this very bot is imported from."""
    return {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
