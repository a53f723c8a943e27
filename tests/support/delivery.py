"""Any payload of Slack's to the reader of its kind, as Bolt does it by the bot's listeners."""

from datetime import datetime

from bot.core.names import UserId
from bot.core.request import ButtonPress, MessageShortcut, ModalSubmission, Request
from bot.slack.fields import as_mapping
from bot.slack.inbound import read_command, read_mention, read_press, read_shortcut, read_submission

Delivery = Request | ButtonPress | ModalSubmission | MessageShortcut


def read_delivery(payload: object, *, bot_user_id: UserId, now: datetime) -> Delivery | None:
    """What a person wants by this payload, or None where it asks nothing of the bot."""
    body = as_mapping(payload)
    if isinstance(body.get("command"), str):
        return read_command(body, now=now)
    match body.get("type"):
        case "event_callback":
            return read_mention(body, bot_user_id=bot_user_id, now=now)
        case "block_actions":
            return read_press(body, now=now)
        case "view_submission":
            return read_submission(body, now=now)
        case "message_action":
            return read_shortcut(body, now=now)
        case _:
            return None
