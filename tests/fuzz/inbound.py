"""What Slack delivers under fuzzing: any frame is a delivery with sound ids, or nothing, and never an error."""

import json
from datetime import UTC, datetime
from typing import Any

from bot.core.names import UserId
from bot.core.request import ButtonPress, MessageShortcut, ModalSubmission, Request
from bot.slack.fields import LONGEST_TEXT, is_id
from bot.slack.frames import Frame, read_frame
from bot.slack.inbound import as_modal_errors, read_home_opened
from tests.fuzz.mutation import spoilt_by
from tests.fuzz.target import Target, check_texts
from tests.slack.payloads import BOT, home_opened, mention, message_shortcut, press, slash_command, submission
from tests.support.delivery import read_delivery

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PAYLOADS = (slash_command(), mention(), press(), submission(), message_shortcut(), home_opened())


def envelope(payload: Any) -> dict[str, Any]:
    """A payload as it comes over the socket."""
    return {"type": "events_api", "envelope_id": "e-1", "accepts_response_payload": True, "payload": payload}


def check_payload(payload: Any) -> None:
    """See what one payload becomes."""
    delivery = read_delivery(payload, bot_user_id=UserId(BOT), now=NOW)
    home = read_home_opened(payload)
    assert home is None or is_id(home)
    check_texts(as_modal_errors(payload, {"reason": "no"}), longest=LONGEST_TEXT)
    if delivery is None:
        return
    assert isinstance(delivery, Request | ButtonPress | ModalSubmission | MessageShortcut)
    check_texts(delivery, longest=LONGEST_TEXT)
    assert is_id(delivery.actor.user_id)
    assert len(delivery.key) <= 500
    if not isinstance(delivery, ModalSubmission):
        assert is_id(delivery.place.channel_id)


def check_one(data: bytes) -> None:
    """Bytes that are JSON go as they are, both as a frame and as a payload; others choose how to spoil a payload."""
    text = data.decode("utf-8", "surrogateescape")
    read_frame(text)
    try:
        payload = json.loads(data)
    except (ValueError, RecursionError):
        payload = spoilt_by(data, PAYLOADS)
    check_payload(payload)
    frame = read_frame(json.dumps(envelope(payload)))
    if isinstance(frame, Frame) and frame.payload is not None:
        check_payload(frame.payload)


_SEEDS = tuple(json.dumps(payload).encode() for payload in (*PAYLOADS, *map(envelope, PAYLOADS)))
TARGET = Target("inbound", check_one, (*_SEEDS, b"\x00\x01\x02\x03\x04", b"\x02\x10\x05\x20\x08"))
