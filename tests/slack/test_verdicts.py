"""The table of Slack's error strings: each means one thing, and those that a reference names are known."""

import json
from pathlib import Path

import pytest

from bot.core.errors import Cure
from bot.slack.verdicts import _CURES, CURES, NOT_NOW, PERHAPS_DONE, RATE_LIMITED, find_cure

METHODS = json.loads((Path(__file__).parents[1] / "data" / "slack-methods.json").read_text("utf-8"))[
    "methods"
]
OUR_MISTAKES = {
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "invalid_cursor",
    "invalid_ts_latest",
    "invalid_ts_oldest",
    "invalid_metadata_filter_keys",
    "invalid_attachments",
    "markdown_text_conflict",
    "metadata_too_large",
    "method_not_supported_for_channel_type",
    "no_text",
    "no_dual_broadcast_content_update",
    "send_on_behalf_not_allowed",
    "too_many_attachments",
    "attachment_payload_limit_exceeded",
    "too_many_contact_cards",
    "cant_delete_message",
    "cant_broadcast_message",
}
OF_THINGS_WE_DO_NOT_SEND = (
    "file",
    "draft",
    "slack_connect",
    "as_user",
    "duplicate",
    "list_record",
    "unable_to",
)


def test_each_error_means_one_thing() -> None:
    groups = [*_CURES.values(), tuple(RATE_LIMITED), tuple(NOT_NOW), tuple(PERHAPS_DONE)]
    named = [error for group in groups for error in group]
    assert len(named) == len(set(named))
    assert set(CURES.values()) == set(Cure) - {Cure.NONE}


@pytest.mark.parametrize(
    "method",
    ["chat.postMessage", "chat.update", "chat.delete", "conversations.history", "conversations.replies"],
)
def test_every_error_of_the_reference_is_decided(method: str) -> None:
    decided = set(CURES) | RATE_LIMITED | NOT_NOW | PERHAPS_DONE | OUR_MISTAKES
    undecided = {
        error
        for error in METHODS[method]["errors"]
        if error not in decided and not any(word in error for word in OF_THINGS_WE_DO_NOT_SEND)
    }
    assert undecided == set()


def test_error_that_nobody_knows_is_helped_by_nothing() -> None:
    assert find_cure("brand_new_error") is Cure.NONE
