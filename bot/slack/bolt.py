"""Bolt, Slack's own framework: made to ask nobody anything, and given what a socket brings."""

import json
import logging
from typing import Any

from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.frames import JsonObject
from bot.slack.identity import Identity
from bot.slack.listeners import Listeners, register
from bot.slack.redaction import quieten_slack_loggers

_log = logging.getLogger(__name__)


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


async def carry(app: AsyncApp, message: JsonObject) -> JsonObject | None:
    """Give the app an envelope; what to acknowledge it with, or None where the app will not have it."""
    request = SocketModeRequest.from_dict(message)
    if request is None:
        return None
    answer: BoltResponse = await run_async_bolt_app(app, request)
    if answer.status != 200:
        _log.info("Bolt took no notice of a delivery: %s", answer.status)
        return None
    return {"envelope_id": request.envelope_id} | _payload_of(answer)


def _payload_of(answer: BoltResponse) -> dict[str, Any]:
    """What rides in an acknowledgement: a modal's errors, as Bolt has written them."""
    if not answer.body:
        return {}
    is_json = answer.headers.get("content-type", [""])[0].startswith("application/json")
    return {"payload": json.loads(answer.body) if is_json else {"text": answer.body}}
