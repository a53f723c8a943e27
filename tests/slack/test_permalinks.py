"""The address of a message, calculated, is the one that Slack would tell."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.names import ChannelId, MessageTs
from bot.core.request import Place
from bot.flow.ports import MessageRef
from bot.slack.identity import fetch_identity
from bot.slack.permalinks import permalink
from bot.slack.publisher import Publisher
from bot.views.message import Message

DEPLOYS = ChannelId("C0DEPLOYS")


async def test_link_to_a_message_is_the_one_that_slack_tells(
    client: AsyncWebClient, publisher: Publisher
) -> None:
    ref = await publisher.post(Place(DEPLOYS), Message("here"))
    identity = await fetch_identity(client)
    assert permalink(identity.url, ref) == await publisher.fetch_permalink(ref)


async def test_link_to_a_reply_is_the_one_that_slack_tells(
    client: AsyncWebClient, publisher: Publisher
) -> None:
    head = await publisher.post(Place(DEPLOYS), Message("here"))
    reply = await publisher.post(Place(DEPLOYS, head.ts), Message("there"))
    identity = await fetch_identity(client)
    assert permalink(identity.url, reply, head.ts) == await publisher.fetch_permalink(reply)
    assert permalink(identity.url, head, head.ts) == await publisher.fetch_permalink(head)


def test_link_has_the_form_that_slack_documents() -> None:
    ref = MessageRef(DEPLOYS, MessageTs("1763726401.000001"))
    url = "https://acme.slack.com/"
    assert permalink(url, ref) == "https://acme.slack.com/archives/C0DEPLOYS/p1763726401000001"
    assert permalink(url, ref, MessageTs("1763726000.000002")) == (
        "https://acme.slack.com/archives/C0DEPLOYS/p1763726401000001?thread_ts=1763726000.000002&cid=C0DEPLOYS"
    )
