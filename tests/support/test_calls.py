"""The check of our own calls finds what Slack would mind, and lets pass what it would not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.sim.workspace.entities import Answer, Call
from bot.sim.workspace.seeds import seeded_workspace
from tests.support.calls import (
    find_answer_breaches,
    find_breaches,
    find_call_breaches,
    find_content_breaches,
    find_undocumented,
)

AT = datetime(2026, 11, 2, tzinfo=UTC)
SECTION: dict[str, Any] = {
    "type": "section",
    "text": {"type": "mrkdwn", "text": "Deploy `prod`?", "verbatim": True},
}
POST: dict[str, Any] = {"channel": "C0DEPLOYS", "text": "Deploy prod?", "blocks": [SECTION]}
VIEW: dict[str, Any] = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Why?"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [SECTION],
}


def call(method: str, error: str | None = None, **args: Any) -> Call:
    return Call(AT, method, args, error is None, error, 200)


def test_sound_calls_pass() -> None:
    sound = [
        call("chat.postMessage", **POST),
        call("chat.postMessage", **(POST | {"blocks": "[]", "thread_ts": "1.0"})),
        call("chat.update", "message_not_found", **POST, ts="1.0"),
        call("chat.update", "ratelimited", **POST, ts="1.0"),
        call("usergroups.users.list", usergroup="S1", include_disabled="false"),
        call("views.open", trigger_id="1", view=VIEW),
        call("auth.test"),
    ]
    assert [breach for one in sound for breach in find_call_breaches(one)] == []
    found = [breach for one in sound for breach in find_content_breaches(one)]
    assert found == ["chat.postMessage: blocks: none"]


@pytest.mark.parametrize(
    ("bad", "breach"),
    [
        (call("chat.shout", text="x"), "is not in the reference"),
        (call("chat.update", **POST), "'ts' is a required property"),
        (call("chat.update", **POST, ts=1.5), "1.5 is not of type 'string'"),
        (call("chat.update", **POST, ts="1.0", thread_ts="1.0"), "'thread_ts' was unexpected"),
        (call("chat.update", "no_such_thing", **POST, ts="1.0"), "no_such_thing is not documented"),
        (call("reactions.add", channel="C", name="eyes", timestamp="1.0"), "reactions:write"),
        (call("chat.postMessage", **(POST | {"text": "x" * 4001})), "text: 4001 units of 4000"),
        (call("chat.postMessage", **(POST | {"text": "<!channel>"})), "pings !channel"),
        (call("views.publish", user_id="U1", view=VIEW | {"blocks": [{"type": "odd"}]}), "odd"),
        (call("views.open", view=VIEW | {"title": {"text": "x" * 25}}), "title: 25 units of 24"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_breach_is_found(bad: Call, breach: str) -> None:
    found = find_call_breaches(bad) + find_content_breaches(bad)
    assert any(breach in one for one in found), found


@pytest.mark.parametrize(
    ("body", "error", "breaches"),
    [
        ({"text": "heard", "blocks": [SECTION]}, None, []),
        ({"delete_original": True}, None, []),
        ({"delete_original": True}, "expired_url", []),
        ({"response_action": "errors", "errors": {"why": "Say more."}}, None, []),
        ({"response_action": "update", "view": VIEW}, None, []),
        ({"text": "a\nb", "blocks": [SECTION]}, None, ["response_url: text: is not one line"]),
        ({"delete_original": True}, "no_text", ["response_url: refused with no_text"]),
    ],
)
def test_answers_are_held_to_the_same_limits(
    body: dict[str, Any], error: str | None, breaches: list[str]
) -> None:
    assert find_answer_breaches(Answer(AT, "response_url", body, error)) == breaches


def test_breaches_of_a_workspace_are_told_once() -> None:
    workspace = seeded_workspace()
    workspace.calls.extend([call("chat.shout")] * 2)
    workspace.answers.append(Answer(AT, "acknowledgement", {"text": "x"}, None))
    assert find_breaches(workspace) == [
        "chat.shout: is not in the reference",
        "acknowledgement: blocks: none",
    ]


def test_undocumented_errors_are_found_of_known_methods() -> None:
    calls = [call("auth.test", "odd"), call("no.such", "odd"), call("auth.test", "invalid_auth")]
    assert find_undocumented(calls) == ["auth.test: the error odd is not documented"]
