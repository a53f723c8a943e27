"""Who the bot is, and whether its tokens do: asked at the start."""

from dataclasses import replace

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ChatRefusedError, ChatUnavailableError
from bot.sim.workspace.seeds import APP_TOKEN, BOT_TOKEN
from bot.sim.workspace.server import WorkspaceServer
from bot.slack.calls import open_client
from bot.slack.identity import Identity, check_app_token, fetch_identity
from tests.slack.side_door import SideDoor


async def test_identity_is_that_of_the_token(client: AsyncWebClient) -> None:
    identity = await fetch_identity(client)
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
    async with open_client("xoxb-example-wrong", api_url=server.api_url) as client:
        with pytest.raises(ChatRefusedError, match="invalid_auth"):
            await fetch_identity(client)


@pytest.mark.parametrize(
    ("token", "error"),
    [("xapp-example-wrong", "invalid_auth"), (BOT_TOKEN, "not_allowed_token_type")],
)
async def test_wrong_app_token_is_refused_at_once(
    client: AsyncWebClient, door: SideDoor, token: str, error: str
) -> None:
    with pytest.raises(ChatRefusedError, match=error):
        await check_app_token(client, token)
    assert len(door.calls("apps.connections.open")) == 1


async def test_good_app_token_is_taken(client: AsyncWebClient) -> None:
    await check_app_token(client, APP_TOKEN)


async def test_slack_that_is_away_is_called_unavailable(client: AsyncWebClient, door: SideDoor) -> None:
    await door.fault("error", method="*", error="service_unavailable", times=2)
    with pytest.raises(ChatUnavailableError, match="service_unavailable"):
        await fetch_identity(client)
    with pytest.raises(ChatUnavailableError, match="service_unavailable"):
        await check_app_token(client, APP_TOKEN)


@pytest.mark.parametrize(
    ("scopes", "may_look"),
    [
        (None, True),
        (frozenset({"chat:write"}), False),
        (frozenset({"chat:write", "groups:history"}), True),
    ],
)
def test_bot_may_look_where_one_of_the_optional_scopes_was_granted(
    scopes: frozenset[str] | None, may_look: bool
) -> None:
    identity = Identity("T", "Team", "U", "B", scopes)  # type: ignore[arg-type]
    assert identity.may_look is may_look
