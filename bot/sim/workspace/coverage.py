"""How far this stand-in goes: which methods, events, interactions and faults there are, and what it knows of Slack's rules.

Tests compare the table with what is registered, and the names of tests with the tests there are; `render` shows it as text.
"whole" goes as far as Slack's documents do, "part" only as far as the note says, "none" not at all.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

Kind = Literal["method", "event", "interaction", "fault", "door", "rule"]
Extent = Literal["whole", "part", "none"]


class Covered(NamedTuple):
    """One thing that Slack does. `test` is the module that holds it, seen from the stand-in's own tests."""

    kind: Kind
    name: str
    extent: Extent
    test: str = ""
    note: str = ""


def _method(name: str, extent: Extent, test: str = "", note: str = "") -> Covered:
    return Covered("method", name, extent, f"methods/{test}" if test else "", note)


def _left_out(note: str, *names: str) -> Iterable[Covered]:
    return (Covered("method", name, "none", "", note) for name in names)


_METHODS = (
    _method("api.test", "whole", "test_directory"),
    Covered("method", "apps.connections.open", "whole", "test_web_api"),
    _method("auth.test", "part", "test_directory", "one workspace, no Enterprise organization"),
    _method("blocks.validate", "part", "test_directory", "the wording of its errors is a guess"),
    _method("chat.delete", "whole", "test_chat"),
    _method("chat.getPermalink", "part", "test_chat", "leads to the page, not to slack.com"),
    _method("chat.postEphemeral", "whole", "test_chat"),
    _method("chat.postMessage", "part", "test_chat", "no unfurling; name and icon cannot be changed"),
    _method("chat.update", "part", "test_chat", "edit_window_closed only as a fault; no file_ids"),
    _method("conversations.history", "part", "test_conversations", "no filter by metadata"),
    _method("conversations.info", "whole", "test_directory"),
    _method("conversations.list", "part", "test_conversations", "no conversations of several people"),
    _method("conversations.members", "whole", "test_conversations"),
    _method("conversations.open", "part", "test_conversations", "with one person, not several"),
    _method("conversations.replies", "part", "test_conversations", "no filter by metadata"),
    _method("files.completeUploadExternal", "part", "test_files", "shares at once, Slack after a while"),
    _method("files.getUploadURLExternal", "part", "test_files", "every type of file, no snippets"),
    _method("files.info", "part", "test_files", "no comments, no previews"),
    _method("reactions.add", "part", "test_conversations", "any name that could be an emoji's"),
    _method("reactions.get", "part", "test_conversations", "of messages, not of files"),
    _method("reactions.remove", "part", "test_conversations", "of messages, not of files"),
    _method("usergroups.list", "part", "test_directory", "no deactivated groups, no counts of channels"),
    _method("usergroups.users.list", "whole", "test_directory"),
    _method("users.conversations", "part", "test_conversations", "no conversations of several people"),
    _method("users.info", "part", "test_directory", "no pictures, no e-mail addresses"),
    _method("users.list", "part", "test_conversations", "no pictures, no e-mail addresses"),
    _method("views.open", "whole", "test_views"),
    _method("views.publish", "whole", "test_views"),
    _method("views.push", "whole", "test_views"),
    _method("views.update", "whole", "test_views"),
    *_left_out(
        "nothing is posted later here",
        "chat.scheduleMessage",
    ),
    *_left_out(
        "a stream belongs to one reader and ends after minutes",
        "chat.appendStream",
        "chat.startStream",
        "chat.stopStream",
    ),
    *_left_out(
        "no app here has needed it yet",
        "bookmarks.add",
        "bookmarks.edit",
        "bookmarks.list",
        "bots.info",
        "conversations.join",
        "dnd.info",
        "dnd.teamInfo",
        "files.delete",
        "pins.add",
        "pins.remove",
        "team.info",
        "users.getPresence",
        "users.lookupByEmail",
    ),
)

_EVENTS = (
    Covered("event", "app_home_opened", "part", "test_acts", "the tab `home`, not `messages`"),
    Covered("event", "app_mention", "part", "test_acts", "its text, not the rich text beside it"),
    Covered(
        "event", "message.channels", "part", "test_arranging", "what people write: no edits, no other apps"
    ),
    Covered("event", "message.groups", "part", "test_arranging", "the same"),
    Covered("event", "message.im", "part", "test_arranging", "the same"),
    Covered("event", "reaction_added", "part", "test_arranging", "people's, not the app's own"),
    Covered("event", "reaction_removed", "part", "test_arranging", "people's, not the app's own"),
    Covered("event", "url_verification", "whole", "test_request_urls"),
    Covered("event", "app_rate_limited", "none", "", "30,000 deliveries an hour are not counted"),
    Covered("event", "app_uninstalled", "none", "", "the app stays installed"),
    Covered("event", "member_joined_channel", "none", "", "channels change without a word to the app"),
)

_INTERACTIONS = (
    Covered("interaction", "slash_commands", "whole", "test_sockets"),
    Covered("interaction", "block_actions", "whole", "test_presses", "in messages, modals and the Home tab"),
    Covered("interaction", "view_submission", "part", "test_modals", "no response_urls"),
    Covered("interaction", "view_closed", "whole", "test_modals"),
    Covered("interaction", "message_action", "whole", "test_acts"),
    Covered("interaction", "shortcut", "whole", "test_acts"),
    Covered(
        "interaction", "block_suggestion", "none", "", "menus whose options the app fills are not filled"
    ),
    Covered("interaction", "interactive_message", "none", "", "buttons of old attachments cannot be pressed"),
)

_FAULTS = (
    Covered("fault", "ratelimit", "whole", "test_web_api"),
    Covered("fault", "error", "whole", "test_web_api"),
    Covered("fault", "page", "whole", "test_web_api"),
    Covered("fault", "hang", "whole", "test_web_api"),
    Covered("fault", "drop_answer", "whole", "test_web_api"),
    Covered("fault", "disconnect", "whole", "test_sockets"),
    Covered("fault", "reset", "whole", "test_sockets"),
    Covered("fault", "refuse_ticket", "whole", "test_sockets"),
    Covered("fault", "silent", "whole", "test_sockets"),
    Covered("fault", "noise", "whole", "test_sockets"),
    Covered("fault", "clear", "whole", "test_web_api"),
)

# What a test may do as a person; the note names the fields of the query or of the JSON body, `?` those that may be left out.
_DOOR = (
    Covered("door", "GET /person/workspace", "whole", "test_person"),
    Covered("door", "GET /person/messages", "whole", "test_person", "channel_id, as, thread_ts?"),
    Covered("door", "GET /person/views", "whole", "test_modals", "user_id"),
    Covered("door", "GET /person/calls", "whole", "test_person", "method?, since?"),
    Covered("door", "GET /person/answers", "whole", "test_responses", "since?"),
    Covered("door", "GET /person/faults", "whole", "test_person"),
    Covered("door", "GET /person/file", "whole", "methods/test_files", "as, file_id"),
    Covered("door", "GET /person/stream", "whole", "test_stream", "as"),
    Covered("door", "POST /person/slash", "whole", "test_acts", "user_id, channel_id, command, text"),
    Covered("door", "POST /person/say", "whole", "test_acts", "user_id, channel_id, text, thread_ts?"),
    Covered("door", "POST /person/mention", "whole", "test_acts", "user_id, channel_id, text, thread_ts?"),
    Covered(
        "door",
        "POST /person/press",
        "whole",
        "test_presses",
        "user_id, channel_id and message_ts or view_id, action_id or label, block_id?, selected_option?, values?",
    ),
    Covered("door", "POST /person/submit", "whole", "test_modals", "user_id, view_id, values"),
    Covered("door", "POST /person/close", "whole", "test_modals", "user_id, view_id"),
    Covered(
        "door",
        "POST /person/shortcut",
        "whole",
        "test_acts",
        "user_id, callback_id, channel_id?, message_ts?",
    ),
    Covered("door", "POST /person/home", "whole", "test_acts", "user_id"),
    Covered(
        "door",
        "POST /person/react",
        "whole",
        "test_arranging",
        "user_id, channel_id, message_ts, name, remove?",
    ),
    Covered("door", "POST /person/redeliver", "whole", "test_sockets", "envelope_id"),
    Covered("door", "POST /person/faults", "whole", "test_person", "kind, and what the kind needs"),
    Covered(
        "door",
        "POST /person/users",
        "whole",
        "test_arranging",
        "id, name, real_name?, tz?, team_id?, is_guest?, is_single_channel_guest?, is_deactivated?",
    ),
    Covered("door", "POST /person/groups", "whole", "test_arranging", "id, handle, name?, users?"),
    Covered(
        "door",
        "POST /person/channels",
        "whole",
        "test_arranging",
        "id, name, members?, is_private?, is_archived?, connected_teams?",
    ),
    Covered(
        "door",
        "POST /person/app",
        "whole",
        "test_arranging",
        "manifest? (Slack's format), without_optional? (scopes), request_url? (or null)",
    ),
)

_RULES = (
    Covered("rule", "three seconds to acknowledge, then Slack's own words", "whole", "test_acts"),
    Covered(
        "rule",
        "events come again, three times; interactions do not",
        "part",
        "test_sockets",
        "when, is a guess",
    ),
    Covered("rule", "Socket Mode: tickets, ten connections, pings, goodbyes", "whole", "test_sockets"),
    Covered(
        "rule",
        "HTTP mode: signatures, retry headers, redirects",
        "part",
        "test_request_urls",
        "never gives up",
    ),
    Covered("rule", "response_url: five answers in half an hour", "whole", "test_responses"),
    Covered("rule", "trigger_id: three seconds, once", "whole", "methods/test_views"),
    Covered(
        "rule",
        "the tiers of rate limits",
        "part",
        "test_tiers",
        "bursts are a guess; a switch turns them off",
    ),
    Covered(
        "rule",
        "Block Kit, surface by surface",
        "part",
        "test_blocks",
        "charts and videos are looked at in passing",
    ),
    Covered("rule", "scopes of every method", "whole", "test_web_api"),
    Covered("rule", "names and links in what people type become marks", "whole", "test_escaping"),
    Covered(
        "rule",
        "whom a message notifies",
        "part",
        "test_pings",
        "marks only: no followed threads, no keywords",
    ),
    Covered("rule", "guests, people of other workspaces, archived channels", "whole", "test_arranging"),
    Covered(
        "rule",
        "Enterprise organizations, other tokens, OAuth",
        "none",
        "",
        "one app, installed in one workspace",
    ),
)

COVERAGE = (*_METHODS, *_EVENTS, *_INTERACTIONS, *_FAULTS, *_DOOR, *_RULES)

_HEADINGS: dict[Kind, str] = {
    "method": "Web API methods",
    "event": "Events",
    "interaction": "Interactions",
    "fault": "Faults that can be had",
    "door": "What a test may do as a person, and what it says for that",
    "rule": "Rules across methods",
}


def render() -> str:
    """The whole table as text, for people."""
    lines: list[str] = []
    for kind, heading in _HEADINGS.items():
        lines += ["", f"{heading} (and the test that holds each)"]
        lines += [_line(one) for one in COVERAGE if one.kind == kind]
    return "\n".join(lines[1:]) + "\n"


def _line(one: Covered) -> str:
    note = f": {one.note}" if one.note else ""
    return f"  {one.name:<58} {one.test:<28} {one.extent}{note}"
