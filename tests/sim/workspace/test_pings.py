"""Whom a message notifies is there to be seen, so that a test can tell a ping that should not be."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.sim.workspace.door import ANA, BEN, CLEO, DEPLOYS, DORA, ELI, GUS, Door

EVERYBODY = [ANA, BEN, CLEO, DORA, ELI, GUS]


def marked(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, **more}}


def rich(element: dict[str, Any]) -> dict[str, Any]:
    part = {"type": "rich_text_section", "elements": [element]}
    return {"type": "rich_text", "elements": [part]}


async def seen(slack: AsyncWebClient, door: Door, **content: Any) -> tuple[list[str], list[str]]:
    await slack.chat_postMessage(channel=DEPLOYS, **content)
    message = (await door.messages())[-1]
    return message["mentions"], message["pings"]


@pytest.mark.parametrize(
    ("text", "mentions", "pings"),
    [
        ("hello <@U0ANA>", [ANA], [ANA]),
        ("hello <@U0ANA|ana> and <@U0ANA>", [ANA], [ANA]),
        ("<!subteam^S0RELEASE>", ["S0RELEASE"], [ANA, BEN]),
        ("<!subteam^S0RELEASE|@releasers>", ["S0RELEASE"], [ANA, BEN]),
        ("<!here> <!channel|channel>", ["here", "channel"], EVERYBODY),
        ("<!everyone>", ["everyone"], EVERYBODY),
        ("&lt;!channel&gt; &lt;@U0ANA&gt;", [], []),
        ("@channel @ana", [], []),
        ("<!date^1700000000^{date}|then> <#C0DEPLOYS|deploys> <https://x.example|@here>", [], []),
        ("<@U0NOBODY>", ["U0NOBODY"], []),
        ("<@U0OECBOT>", ["U0OECBOT"], []),
    ],
)
async def test_text_pings_whom_it_marks(
    door: Door, slack: AsyncWebClient, text: str, mentions: list[str], pings: list[str]
) -> None:
    assert await seen(slack, door, text=text) == (mentions, pings)


@pytest.mark.parametrize(
    ("block", "pings"),
    [
        (marked("<@U0BEN>"), [BEN]),
        (marked("@channel"), EVERYBODY),
        (marked("@channel", verbatim=True), []),
        (marked("me@channel.example @channels"), []),
        ({"type": "section", "text": {"type": "plain_text", "text": "<!channel> @here"}}, []),
        ({"type": "header", "text": {"type": "plain_text", "text": "<@U0ANA>"}}, []),
        ({"type": "context", "elements": [{"type": "mrkdwn", "text": "<@U0ANA>"}]}, [ANA]),
        ({"type": "markdown", "text": "hello <@U0ANA>"}, [ANA]),
        (rich({"type": "user", "user_id": BEN}), [BEN]),
        (rich({"type": "usergroup", "usergroup_id": "S0RELEASE"}), [ANA, BEN]),
        (rich({"type": "broadcast", "range": "here"}), EVERYBODY),
        (rich({"type": "text", "text": "<!channel>"}), []),
    ],
)
async def test_block_pings_whom_it_marks(
    door: Door, slack: AsyncWebClient, block: dict[str, Any], pings: list[str]
) -> None:
    assert (await seen(slack, door, text="x", blocks=[block]))[1] == pings


async def test_attachment_pings_too(door: Door, slack: AsyncWebClient) -> None:
    assert (await seen(slack, door, attachments=[{"text": "<@U0ANA>", "fallback": "x"}]))[1] == [ANA]


async def test_private_message_pings_its_reader_alone(door: Door, slack: AsyncWebClient) -> None:
    await slack.chat_postEphemeral(channel=DEPLOYS, user=ANA, text="<!channel>")
    assert (await door.messages())[-1]["pings"] == [ANA]


async def test_edit_pings_nobody(door: Door, slack: AsyncWebClient) -> None:
    posted = await slack.chat_postMessage(channel=DEPLOYS, text="<@U0ANA>")
    await slack.chat_update(channel=DEPLOYS, ts=str(posted["ts"]), text="<!channel>")
    message = (await door.messages())[-1]
    assert (message["mentions"], message["pings"]) == (["channel"], [ANA])


async def test_person_does_not_ping_themselves(door: Door) -> None:
    await door.post("say", user_id=ANA, channel_id=DEPLOYS, text="@ana and @ben")
    assert (await door.messages())[-1]["pings"] == [BEN]


async def test_people_who_are_not_there_are_not_pinged(door: Door, slack: AsyncWebClient) -> None:
    await slack.chat_postMessage(channel="C0OPS", text="<@U0CLEO> <!subteam^S0RELEASE>")
    assert (await door.messages(channel="C0OPS"))[-1]["pings"] == [ANA, BEN]
