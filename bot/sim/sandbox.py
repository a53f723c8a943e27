"""The two stand-ins side by side, with the settings and the rules file that point a bot at them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.sim.hosting.seeds import FULL_KEY, READ_KEY, seeded_hosting
from bot.sim.hosting.server import HostingServer
from bot.sim.workspace.seeds import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, seeded_workspace
from bot.sim.workspace.server import WorkspaceServer

Now = Callable[[], datetime]

RULES = """\
# Who may do what in the pretend workspace. Ids are what counts; names are comments.
environments:
  prod:    {id: 5a296461-9222-40da-91f5-9e912890dc1b, protected: true, aliases: [production]}
  staging: {id: 0f1c1f6e-6b0a-4f5e-9d1c-2a4f5c6d7e8f}
  dev:     {id: 7d0b5f0a-3c1e-4b7a-8f2d-9a6c4e1b2d3f, aliases: [development]}
  old:     {id: c2d7a9e4-58b1-4f36-a0c9-1e7b6d5f4a32}
  shop:    {id: e8f4b6c1-27d9-4a5e-b3f0-6c9d1a2e7b84, protected: true}

people:
  releasers: [S0RELEASE]                      # the user group @releasers: Ana and Ben
  leads:     [S0LEADS]                        # the user group @leads: Dora in Tokyo, Eli in New York
  seniors:   [S0RELEASE, S0LEADS]

channels:
  C0DEPLOYS:                                  # #deploys
    - {may: [deploy, restart, start, stop, update], on: all, who: releasers}
    - {may: everything, on: [staging, dev, old], who: everyone}
    - {may: update_all, on: shop, who: everyone, deny: true}   # deny beats all others
  C0SUPPORT:                                  # #support
    - {may: [restart], on: [staging], who: everyone}

approvals:                                    # the first that fits is the one that counts
  - {for: [stop], on: protected, by: seniors, count: 2, expires: 15m}
  - {for: [update], on: protected, by: releasers, expires: 3m, escalate: {to: leads, after: 2m}}
  - {for: [deploy], on: protected, by: releasers, expires: 15m}
  - {for: [reinit], on: [staging, dev, old], by: releasers, typed: [reinit]}

quiet: {from: "21:00", to: "07:00"}           # nobody is called then, by the clock where they live

operators: {channel: C0OPS}                   # #ops

tests:                                        # a version that fails one of these is refused
  - {person: U0ANA, groups: [S0RELEASE], channel: C0DEPLOYS, action: stop prod, expect: approval}
  - {person: U0ANA, groups: [S0RELEASE], channel: C0DEPLOYS, action: update shop all, expect: denied}
  - {person: U0CLEO, channel: C0DEPLOYS, action: reinit dev sale, expect: approval}
  - {person: U0CLEO, channel: C0SUPPORT, action: deploy staging, expect: denied}
  - {person: U0CLEO, channel: C0SUPPORT, action: restart staging, expect: allowed}
  - {person: U0GUS, guest: true, channel: C0DEPLOYS, action: restart dev, expect: denied}
"""

THREE_THINGS = {
    "title": "Three things to try",
    "suggestions": [
        {
            "text": "Deploy production as Ana, then switch to Ben and press Approve.",
            "user_id": "U0ANA",
            "channel_id": "C0DEPLOYS",
            "input": "/oec deploy prod",
        },
        {
            "text": "Mistype a name as Cleo, and see what comes back.",
            "user_id": "U0CLEO",
            "channel_id": "C0DEPLOYS",
            "input": "/oec restart stagin",
        },
        {
            "text": "Ask for what support may not do, and see why not and who may.",
            "user_id": "U0CLEO",
            "channel_id": "C0SUPPORT",
            "input": "/oec deploy staging",
        },
    ],
}


def system_now() -> datetime:
    """Now, aware, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of the two stand-ins on loopback; 0 chooses a free one."""

    slack: int = 8420
    hosting: int = 8421


class Sandbox:
    """A pretend Slack workspace and a pretend oec.sh, both on loopback."""

    def __init__(
        self, *, speed: float = 1.0, now: Now = system_now, welcome: bool = False, enforce_tiers: bool = True
    ) -> None:
        self.workspace = WorkspaceServer(
            seeded_workspace(),
            now=now,
            welcome=THREE_THINGS if welcome else None,
            enforce_tiers=enforce_tiers,
        )
        self.hosting = HostingServer(seeded_hosting(now=now), now=now, speed=speed)

    async def start(self, ports: Ports) -> None:
        """Bind both; raises `OSError` where a port is taken.

        The page shows the simulator as well, so it needs to know where that is, and the simulator who may look in.
        """
        await self.hosting.start(port=ports.hosting)
        self.workspace.beside_url = self.hosting.url
        try:
            await self.workspace.start(port=ports.slack)
        except OSError:
            await self.hosting.stop()
            raise
        self.hosting.page_access.origin = self.workspace.url

    async def stop(self) -> None:
        """Close both."""
        await self.workspace.stop()
        await self.hosting.stop()

    def settings(self) -> dict[str, str]:
        """The settings that point a bot at the stand-ins (its rules and database excepted)."""
        return {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_API_URL": self.workspace.api_url,
            "OEC_API_KEY": FULL_KEY,
            "OEC_READ_KEY": READ_KEY,
            "OEC_API_URL": self.hosting.api_url,
        }

    def announcement(self, **more_settings: str) -> dict[str, object]:
        """What `--json` prints: where everything is, and the settings for a bot."""
        return {
            "slack_url": self.workspace.url,
            "slack_api_url": self.workspace.api_url,
            "hosting_url": self.hosting.url,
            "oec_api_url": self.hosting.api_url,
            "settings": self.settings() | more_settings,
        }
