"""Payloads as Slack sends them, field by field (Slack's interactivity and events pages)."""

from typing import Any

JsonObject = dict[str, Any]

BOT = "U0OECBOT"
RESPONSE_URL = "https://hooks.example/commands/T0ACME/secret"


def slash_command(**changes: Any) -> JsonObject:
    """`/oec deploy prod` typed by Ana in #deploys."""
    return {
        "token": "verification",
        "team_id": "T0ACME",
        "team_domain": "acme-odoo",
        "channel_id": "C0DEPLOYS",
        "channel_name": "deploys",
        "user_id": "U0ANA",
        "user_name": "ana",
        "command": "/oec",
        "text": "deploy prod",
        "api_app_id": "A0OECBOT",
        "is_enterprise_install": "false",
        "response_url": RESPONSE_URL,
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
    } | changes


def mention(text: str = f"<@{BOT}> restart staging", **changes: Any) -> JsonObject:
    """Ana names the bot; `changes` are made to the event within."""
    event = {
        "type": "app_mention",
        "user": "U0ANA",
        "text": text,
        "ts": "1700000100.000200",
        "team": "T0ACME",
        "channel": "C0DEPLOYS",
        "event_ts": "1700000100.000200",
    }
    return {
        "token": "verification",
        "team_id": "T0ACME",
        "api_app_id": "A0OECBOT",
        "event": event | changes,
        "type": "event_callback",
        "event_id": "Ev0MDYGDKJ",
        "event_time": 1700000100,
        "authorizations": [{"enterprise_id": None, "team_id": "T0ACME", "user_id": BOT, "is_bot": True}],
        "is_ext_shared_channel": False,
        "event_context": "4-context",
    }


def button(**changes: Any) -> JsonObject:
    """The action of a pressed button."""
    return {
        "type": "button",
        "action_id": "approve",
        "block_id": "decide",
        "text": {"type": "plain_text", "text": "Approve"},
        "value": "handle-42",
        "action_ts": "1700000200.000300",
    } | changes


def press(action: JsonObject | None = None, **changes: Any) -> JsonObject:
    """Ben presses a button on a card in #deploys."""
    return {
        "type": "block_actions",
        "team": {"id": "T0ACME", "domain": "acme-odoo"},
        "user": {"id": "U0BEN", "username": "ben", "name": "ben", "team_id": "T0ACME"},
        "api_app_id": "A0OECBOT",
        "token": "verification",
        "container": {
            "type": "message",
            "message_ts": "1700000000.000100",
            "channel_id": "C0DEPLOYS",
            "is_ephemeral": False,
        },
        "trigger_id": "12466734323.1395872398",
        "channel": {"id": "C0DEPLOYS", "name": "deploys"},
        "message": {"type": "message", "ts": "1700000000.000100", "text": "card"},
        "state": {"values": {}},
        "response_url": RESPONSE_URL,
        "actions": [button() if action is None else action],
        "is_enterprise_install": False,
        "enterprise": None,
    } | changes


def submission(values: JsonObject | None = None, **changes: Any) -> JsonObject:
    """Ben submits the modal that asks for a reason; `changes` are made to the view within."""
    typed = {"reason-block": {"reason": {"type": "plain_text_input", "value": "Not on a Friday"}}}
    view = {
        "id": "V0MODAL",
        "team_id": "T0ACME",
        "type": "modal",
        "callback_id": "decline_modal",
        "private_metadata": "handle-42",
        "state": {"values": typed if values is None else values},
        "hash": "156772938.1827394",
    }
    return {
        "type": "view_submission",
        "team": {"id": "T0ACME", "domain": "acme-odoo"},
        "user": {"id": "U0BEN", "username": "ben", "name": "ben", "team_id": "T0ACME"},
        "api_app_id": "A0OECBOT",
        "token": "verification",
        "trigger_id": "12466734323.submitted",
        "view": view | changes,
        "response_urls": [],
    }


def message_shortcut(**changes: Any) -> JsonObject:
    """Cleo chooses the shortcut from the menu of a message in #support."""
    return {
        "type": "message_action",
        "team": {"id": "T0ACME", "domain": "acme-odoo"},
        "user": {"id": "U0CLEO", "username": "cleo", "name": "cleo", "team_id": "T0ACME"},
        "api_app_id": "A0OECBOT",
        "token": "verification",
        "callback_id": "oec_message",
        "trigger_id": "13345224609.shortcut",
        "response_url": RESPONSE_URL,
        "message_ts": "1700000300.000400",
        "channel": {"id": "C0SUPPORT", "name": "support"},
        "message": {"type": "message", "user": "U0ANA", "ts": "1700000300.000400", "text": "it is slow"},
    } | changes


def home_opened(**changes: Any) -> JsonObject:
    """Ana opens the app's Home tab."""
    event = {"type": "app_home_opened", "user": "U0ANA", "channel": "D0ANA", "tab": "home"}
    return {
        "type": "event_callback",
        "team_id": "T0ACME",
        "event_id": "Ev0HOME",
        "event": event | changes,
    }
