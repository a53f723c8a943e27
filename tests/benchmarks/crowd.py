"""Stand-ins with many environments and channels, for what the seeded few cannot show.

`python -m tests.benchmarks.crowd --environments 100 --channels 20 --rules-out FILE` prints what `oec-bot sandbox --json`
prints. Everybody may do everything in every channel C0CROWD00, C0CROWD01 …, on the environments e000, e001 ….
"""

import argparse
import asyncio
import json
import signal
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from bot.sim.hosting.seeds import STAGING
from bot.sim.sandbox import Ports, Sandbox
from bot.sim.workspace.entities import Channel

PEOPLE = ("U0ANA", "U0BEN", "U0CLEO", "U0GUS", "U0OECBOT")


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each. With `has_tiers` Slack's rate limits hold."""

    environments: int
    channels: int
    has_tiers: bool = True


def alias(number: int) -> str:
    """An environment's name in the rules and in asks."""
    return f"e{number:03}"


def environment_id(number: int) -> str:
    """An environment's id, the same each time."""
    return str(uuid5(NAMESPACE_URL, f"crowd/{number}"))


def channel_id(number: int) -> str:
    """A channel's id."""
    return f"C0CROWD{number:02}"


def write_rules(size: Size) -> str:
    """The rules file: everything is allowed, nothing needs approval."""
    environments = (
        f"  {alias(number)}: {{id: {environment_id(number)}}}" for number in range(size.environments)
    )
    channels = (
        f"  {channel_id(number)}:\n    - {{may: everything, on: all, who: everyone}}"
        for number in range(size.channels)
    )
    head = "# Everybody may do everything: made for a benchmark."
    return "\n".join(
        [head, "environments:", *environments, "channels:", *channels, "operators: {channel: C0OPS}", ""]
    )


def add_crowd(sandbox: Sandbox, size: Size) -> None:
    """Put the environments and channels into stand-ins that are not started yet."""
    pattern = sandbox.hosting.hosting.environments[STAGING]
    for number in range(size.environments):
        home = replace(
            pattern, id=environment_id(number), name=f"environment-{number:03}", custom_domain=None
        )
        sandbox.hosting.hosting.put_environment(home)
    for number in range(size.channels):
        sandbox.workspace.workspace.put_channel(Channel(channel_id(number), f"crowd-{number:02}", PEOPLE))


async def serve(size: Size, rules_out: Path) -> None:
    """Start, say where, and stay until told to end."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sandbox = Sandbox(enforce_tiers=size.has_tiers)
    add_crowd(sandbox, size)
    await sandbox.start(Ports(slack=0, hosting=0))
    print(json.dumps(sandbox.announcement(OEC_RULES=str(rules_out))), flush=True)
    await stop.wait()
    await sandbox.stop()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.crowd")
    parser.add_argument("--environments", type=int, default=100)
    parser.add_argument("--channels", type=int, default=20)
    parser.add_argument("--no-tiers", action="store_true", help="Slack limits nothing")
    parser.add_argument("--rules-out", type=Path, required=True)
    given = parser.parse_args()
    size = Size(given.environments, given.channels, has_tiers=not given.no_tiers)
    given.rules_out.write_text(write_rules(size), encoding="utf-8")
    asyncio.run(serve(size, given.rules_out))


if __name__ == "__main__":
    main()
