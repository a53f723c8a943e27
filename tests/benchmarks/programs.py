"""Programs that are measured from outside: started as their own process, looked at through /proc, stopped."""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
MIB = 1024.0 * 1024.0


class ProgramFailedError(Exception):
    """A program ended or kept silent where it should not have; carries the end of what it wrote."""


class Program:
    """A child process with its standard error in a file."""

    def __init__(self, process: Process, errors: Path, started_at: float) -> None:
        self._process = process
        self._errors = errors
        self.started_at = started_at
        """On the clock of `time.perf_counter`."""

    @classmethod
    async def start(cls, *words: str, settings: Mapping[str, str], folder: Path) -> "Program":
        """Run a module of this project, `words` being its name and arguments, in `folder` with these settings alone."""
        errors = folder / f"{words[0]}-{time.monotonic_ns()}.err"
        started_at = time.perf_counter()
        with errors.open("wb") as sink:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *words),
                cwd=folder,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **settings},
                stdout=PIPE,
                stderr=sink,
            )
        return cls(process, errors, started_at)

    async def first_line(self, *, within: float = 30.0) -> str:
        """What it says first on standard output."""
        assert self._process.stdout is not None
        async with asyncio.timeout(within):
            line = await self._process.stdout.readline()
        if not line:
            raise self.failure("ended without a word")
        return line.decode()

    def failure(self, what: str) -> ProgramFailedError:
        """An error that holds the end of what it wrote for operators."""
        return ProgramFailedError(f"{self._errors.name} {what}:\n{self._errors.read_text()[-2000:]}")

    def require_alive(self) -> None:
        """Raises where it has ended."""
        if self._process.returncode is not None:
            raise self.failure(f"ended with status {self._process.returncode}")

    def memory(self) -> float:
        """Resident memory in MiB."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / MIB

    def processor_time(self) -> float:
        """Seconds of processor time used so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def rest(self, *, within: float = 60.0, quiet: float = 0.5, busy: float = 0.1) -> None:
        """Wait until it has used less than the share `busy` of a processor for `quiet` seconds; or `within` is over."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            before = self.processor_time()
            await asyncio.sleep(quiet)
            if self.processor_time() - before < busy * quiet:
                return

    async def stop(self) -> None:
        """Ask it to end, and make it end where it does not within ten seconds."""
        if self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(10):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def running(*words: str, settings: Mapping[str, str], folder: Path) -> AsyncIterator[Program]:
    """A program for the length of a block."""
    program = await Program.start(*words, settings=settings, folder=folder)
    try:
        yield program
    finally:
        await program.stop()
