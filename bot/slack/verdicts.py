"""What each of Slack's error strings means for a message that is to be shown: the one table of it.

The strings are those of the reference pages of chat.postMessage, chat.update, chat.delete, conversations.history and
conversations.replies, of the list of errors that every method may answer, and of the guide on rate limits. A string
that is not in the table is a refusal that nothing helps against: it may be new, or a mistake of ours.
"""

from collections.abc import Mapping
from types import MappingProxyType

from bot.core.errors import Cure

RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})
"""Not now. Nothing was done."""

NOT_NOW = frozenset(
    {
        "request_timeout",  # the request came in cut short
        "team_added_to_org",  # the workspace is moving to an organization
        "external_channel_migrating",
        "streaming_state_conflict",
        "message_limit_exceeded",  # the whole team sends too much
    }
)
"""Not now. Nothing was done."""

PERHAPS_DONE = frozenset({"internal_error", "fatal_error", "service_unavailable", "update_failed"})
"""Not now, and what was asked for may have been done all the same ("it's possible some aspect of the operation
succeeded before the error was raised", says Slack of `fatal_error`)."""

_CURES = {
    Cure.ANEW: (
        "message_not_found",  # somebody deleted it
        "cant_update_message",
        "edit_window_closed",  # the workspace lets nobody edit older messages
        "block_mismatch",
    ),
    Cure.THREAD_ANEW: ("cannot_reply_to_message", "thread_not_found"),
    Cure.LESS: (
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
    ),
    Cure.LET_IN: (
        "not_in_channel",  # never invited, or removed since
        "channel_not_found",  # a private channel that the bot is not in looks like none
        "is_archived",
        "is_inactive",  # the same, for an edit
        "channel_is_limited_access",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "posting_to_channel_denied",
    ),
    Cure.APP_SET_RIGHT: (
        "missing_scope",
        "not_allowed_token_type",
        "no_permission",
        "access_denied",
        "accesslimited",
        "app_access_restricted",
        "ekm_access_denied",
        "team_access_not_granted",
        "team_not_found",
        "messages_tab_disabled",
        "metadata_must_be_sent_from_app",
    ),
    Cure.TOKEN: (
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "org_login_required",
    ),
}

CURES: Mapping[str, Cure] = MappingProxyType(
    {error: cure for cure, errors in _CURES.items() for error in errors}
)


def find_cure(error: str) -> Cure:
    """What helps against a refusal."""
    return CURES.get(error, Cure.NONE)
