"""Bolt, Slack's own framework: made to ask nobody anything, and given what a socket brings."""

import logging
from time import time

from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.frames import JsonObject
from bot.slack.identity import Identity
from bot.slack.listeners import Listeners, register
from bot.slack.redaction import quieten_slack_loggers


def make_app(client: AsyncWebClient, identity: Identity, listeners: Listeners) -> AsyncApp:
    """The Bolt app with its listeners. No call to Slack stands between a delivery and its acknowledgement."""
    quieten_slack_loggers()
    logger = logging.getLogger("slack_bolt.app")
    # Its warnings print whole payloads, and give advice on a token it finds in the environment, which is not for it.
    logger.setLevel(logging.ERROR)

    async def authorize() -> AuthorizeResult:
        return identity.as_authorization()

    app = AsyncApp(
        name="oec-bot",
        logger=logger,
        client=AsyncWebClient(base_url=client.base_url, session=client.session, logger=client.logger),
        authorize=authorize,
        signing_secret="",
        request_verification_enabled=False,  # a socket needs none, and over HTTP it is done before Bolt sees anything
        process_before_response=True,
        ignoring_self_events_enabled=True,
        attaching_conversation_kwargs_enabled=False,
    )
    register(app, listeners)
    return app


async def carry(app: AsyncApp, socket: AsyncBaseSocketModeClient, message: JsonObject) -> None:
    """Give the app an envelope that a socket brought; the app's answer acknowledges it there."""
    request = SocketModeRequest.from_dict(message)
    if request is not None:
        answer = await run_async_bolt_app(app, request)
        await send_async_response(socket, request, answer, time())
