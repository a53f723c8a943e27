"""Who the bot is at Slack, and whether its two tokens are taken: asked once, before anything else begins.

Both questions are asked by ourselves because Slack's socket client never gives up on a token that will never do, and
Bolt would ask the first one while a person waits.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.names import TeamId, UserId
from bot.slack.calls import call

NEEDED_SCOPES = (
    "app_mentions:read",
    "channels:read",
    "chat:write",
    "commands",
    "groups:read",
    "usergroups:read",
    "users:read",
)
"""What the manifest asks for. An app that was installed before a scope was added lacks it until installed again."""

OPTIONAL_SCOPES = ("channels:history", "groups:history")
"""What the manifest asks for and an operator may leave out: to find a message again whose post had no answer."""

DEADLINE = 10.0
"""Seconds that Slack has for an answer while the bot starts or connects again."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The bot in its workspace, which is at `url`. `scopes` is None where Slack did not tell them."""

    team_id: TeamId
    team_name: str
    bot_user_id: UserId
    bot_id: str
    scopes: frozenset[str] | None
    url: str = ""

    def missing_scopes(self, needed: Iterable[str] = NEEDED_SCOPES) -> tuple[str, ...]:
        """The scopes that the installed app lacks, in order."""
        return () if self.scopes is None else tuple(sorted(set(needed) - self.scopes))

    @property
    def may_look(self) -> bool:
        """Whether the installed app may look for its own messages; where Slack does not tell, it may try."""
        return self.scopes is None or not self.scopes.isdisjoint(OPTIONAL_SCOPES)

    def as_authorization(self) -> AuthorizeResult:
        """What Bolt wants to know for every delivery. Without a token: listeners call nothing through Bolt."""
        return AuthorizeResult(
            enterprise_id=None,
            team_id=self.team_id,
            bot_user_id=self.bot_user_id,
            bot_id=self.bot_id,
        )


async def fetch_identity(client: AsyncWebClient) -> Identity:
    """Who the bot token belongs to. Raises `ChatRefusedError` for a bad token, `ChatUnavailableError` as ever."""
    answer = await call(client.auth_test(), deadline=DEADLINE)
    granted = {name.lower(): value for name, value in answer.headers.items()}.get("x-oauth-scopes")
    return Identity(
        team_id=TeamId(answer["team_id"]),
        team_name=str(answer.get("team") or ""),
        bot_user_id=UserId(answer["user_id"]),
        bot_id=str(answer.get("bot_id") or ""),
        scopes=None if granted is None else frozenset(scope.strip() for scope in granted.split(",")),
        url=str(answer.get("url") or ""),
    )


async def check_app_token(client: AsyncWebClient, app_token: str) -> None:
    """See that the app-level token opens connections. Raises as above."""
    await call(client.apps_connections_open(app_token=app_token), deadline=DEADLINE)
