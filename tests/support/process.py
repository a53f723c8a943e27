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

    async def start(self, *, until: str = "Ready.") -> None:
        """Start it and wait for this line."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            cwd=self._folder,
            env={"PATH": os.environ["PATH"], **self._settings},
            stderr=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
        )
        await self.says(until)

    async def says(self, words: str) -> list[str]:
        """Wait until it says a line that holds these words; all lines up to it."""
        process = self._process
        assert process is not None
        assert process.stderr is not None
        lines: list[str] = []
        async with asyncio.timeout(30):
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

    async def terminate(self) -> int:
        """SIGTERM; the exit status."""
        process = self._process
        assert process is not None
        process.terminate()
        async with asyncio.timeout(10):
            status = await process.wait()
        self._process = None
        return status


async def run_to_end(
    *arguments: str, settings: Mapping[str, str], folder: Path, patience: float = 20
) -> tuple[int, str, str]:
    """Run `oec-bot` with these arguments to its end: exit status, standard output, standard error."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=folder,
        env={"PATH": os.environ["PATH"], **settings},
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
