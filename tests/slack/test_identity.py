"""Who the bot is, and whether its tokens do: asked at the start, of a Slack that may be away."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ChatRefusedError
from bot.sim.workspace.seeds import APP_TOKEN, BOT_TOKEN
from bot.sim.workspace.server import WorkspaceServer
from bot.slack.calls import open_client
from bot.slack.identity import Identity, Spacing, check_app_token, fetch_identity
from tests.slack.side_door import SideDoor

QUICK = Spacing(first=timedelta(milliseconds=5), longest=timedelta(milliseconds=20))


class Told:
    """What the operator was told while Slack could not be asked."""

    def __init__(self) -> None:
        self.words: list[tuple[str, timedelta]] = []

    def __call__(self, reason: str, pause: timedelta) -> None:
        self.words.append((reason, pause))


async def test_identity_is_that_of_the_token(client: AsyncWebClient) -> None:
    identity = await fetch_identity(client, tell=Told())
    assert (identity.team_id, identity.bot_user_id, identity.bot_id) == ("T0ACME", "U0OECBOT", "B0OECBOT")
    assert identity.team_name == "Acme Odoo"
    assert identity.missing_scopes() == ()


def test_missing_scopes_are_named(client: AsyncWebClient) -> None:
    identity = Identity("T", "Team", "U", "B", frozenset({"commands", "chat:write"}))  # type: ignore[arg-type]
    assert identity.missing_scopes(("users:read", "commands", "chat:write")) == ("users:read",)
    assert replace(identity, scopes=None).missing_scopes() == ()


def test_authorization_carries_no_token() -> None:
    authorization = Identity("T", "Team", "U", "B", None).as_authorization()  # type: ignore[arg-type]
    assert authorization.bot_token is None
    assert authorization.bot_user_id == "U"


async def test_wrong_bot_token_is_refused_at_once(server: WorkspaceServer) -> None:
    told = Told()
    async with open_client("xoxb-example-wrong", api_url=server.api_url) as client:
        with pytest.raises(ChatRefusedError, match="invalid_auth"):
            await fetch_identity(client, tell=told)
    assert told.words == []


@pytest.mark.parametrize(
    ("token", "error"),
    [("xapp-example-wrong", "invalid_auth"), (BOT_TOKEN, "not_allowed_token_type")],
)
async def test_wrong_app_token_is_refused_at_once(
    client: AsyncWebClient, door: SideDoor, token: str, error: str
) -> None:
    with pytest.raises(ChatRefusedError, match=error):
        await check_app_token(client, token, tell=Told())
    assert len(door.calls("apps.connections.open")) == 1


async def test_good_app_token_is_taken(client: AsyncWebClient) -> None:
    await check_app_token(client, APP_TOKEN, tell=Told())


Ask = Callable[[AsyncWebClient, Told], Awaitable[object]]


@pytest.mark.parametrize(
    ("method", "ask"),
    [
        ("auth.test", lambda client, told: fetch_identity(client, tell=told, spacing=QUICK)),
        (
            "apps.connections.open",
            lambda client, told: check_app_token(client, APP_TOKEN, tell=told, spacing=QUICK),
        ),
    ],
)
async def test_slack_that_is_away_is_waited_for_and_said_so(
    client: AsyncWebClient, door: SideDoor, method: str, ask: Ask
) -> None:
    told = Told()
    await door.fault("error", method=method, error="service_unavailable", times=3)
    await door.fault("ratelimit", method=method, retry_after=0, times=1)
    await ask(client, told)
    assert [reason for reason, _ in told.words] == ["service_unavailable"] * 3 + ["ratelimited"]
    assert [pause / timedelta(milliseconds=5) for _, pause in told.words] == [1, 2, 4, 4]
