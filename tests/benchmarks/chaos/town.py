"""The pretend world in which lives are lived: some more people, channels and environments than the stand-ins begin with.

`python -m tests.benchmarks.chaos.town --rules-out FILE [--speed N]` prints what `oec-bot sandbox --json` prints, and serves
the same two stand-ins with their documented limits.
"""

import argparse
import asyncio
import json
import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from bot.sim.hosting.seeds import ERP_PROJECT, STAGING
from bot.sim.sandbox import Ports, Sandbox
from bot.sim.workspace.entities import Channel, Group, User

ANA, BEN, CLEO, DANA, GUS = "U0ANA", "U0BEN", "U0CLEO", "U0DANA", "U0GUS"
RELEASERS = (ANA, BEN, DANA)
EVERYBODY = (*RELEASERS, CLEO, GUS)
BOT = "U0OECBOT"
GROUP = "S0RELEASE"
MANY_CHANNELS = ("C0CHAOS00", "C0CHAOS01", "C0CHAOS02", "C0CHAOS03")
CHANNELS = MANY_CHANNELS[:2]
"""No more, where starts follow each other quickly: each asks Slack about every channel of the rules, 50 times a minute."""
FREE = tuple(f"free{number:02}" for number in range(20))
"""Environments on which everybody may do everything, except that data is only dropped with approval."""
GUARDED = tuple(f"guarded{number:02}" for number in range(4))
"""Protected ones: releasers may ask, another releaser has to approve."""
OPERATORS = MANY_CHANNELS[0]


def environment_id(alias: str) -> str:
    """An environment's id, the same each time."""
    return str(uuid5(NAMESPACE_URL, f"chaos/{alias}"))


def write_rules(*, edition: int = 0, channels: Sequence[str] = CHANNELS) -> str:
    """The rules file. Each edition is another version of the same rules: what waits for approval has to be asked anew."""
    free = "\n".join(f"  {alias}: {{id: {environment_id(alias)}}}" for alias in FREE)
    guarded = "\n".join(f"  {alias}: {{id: {environment_id(alias)}, protected: true}}" for alias in GUARDED)
    rights = (
        f"    - {{may: [deploy, restart, start, stop, update], on: all, who: releasers}}\n"
        f"    - {{may: everything, on: [{', '.join(FREE)}], who: everyone}}"
    )
    places = "\n".join(f"  {channel}:\n{rights}" for channel in channels)
    return f"""\
# Edition {edition}, written by a benchmark.
environments:
{free}
{guarded}
people:
  releasers: [{GROUP}]
channels:
{places}
approvals:
  - {{for: [deploy, stop, update], on: protected, by: releasers, expires: 15m}}
  - {{for: [reinit], on: [{", ".join(FREE)}], by: releasers, typed: [reinit]}}
operators: {{channel: {OPERATORS}}}
"""


def settle(sandbox: Sandbox) -> None:
    """Put people, channels and environments into stand-ins that are not started yet."""
    workspace, hosting = sandbox.workspace.workspace, sandbox.hosting.hosting
    workspace.put_user(
        User(DANA, "dana", "Dana", tz="Europe/Paris", title="Developer, releaser", color="lime")
    )
    workspace.put_group(Group(GROUP, "releasers", "Releasers", RELEASERS))
    for number, channel in enumerate(MANY_CHANNELS):
        workspace.put_channel(Channel(channel, f"chaos-{number}", (*EVERYBODY, BOT)))
    pattern = hosting.environments[STAGING]
    for alias in (*FREE, *GUARDED):
        home = replace(
            pattern,
            id=environment_id(alias),
            project_id=ERP_PROJECT,
            name=f"chaos-{alias}",
            custom_domain=None,
        )
        hosting.put_environment(home)


async def serve(rules_out: Path, *, speed: float) -> None:
    """Start, say where, and stay until told to end."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sandbox = Sandbox(speed=speed)
    settle(sandbox)
    await sandbox.start(Ports(slack=0, hosting=0))
    print(json.dumps(sandbox.announcement(OEC_RULES=str(rules_out))), flush=True)
    await stop.wait()
    await sandbox.stop()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.chaos.town")
    parser.add_argument("--rules-out", type=Path, required=True)
    parser.add_argument("--speed", type=float, default=60.0)
    parser.add_argument("--channels", type=int, default=len(CHANNELS))
    given = parser.parse_args()
    rules = write_rules(channels=MANY_CHANNELS[: given.channels])
    given.rules_out.write_text(rules, encoding="utf-8")
    asyncio.run(serve(given.rules_out, speed=given.speed))


if __name__ == "__main__":
    main()
