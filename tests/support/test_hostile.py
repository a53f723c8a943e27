"""The check for harm sees harm: else a test that finds none would say nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.sim.workspace.entities import Call
from bot.sim.workspace.seeds import seeded_workspace
from tests.support.hostile import HOSTILE, Poison, find_harm, poison_workspace

KNOWN = frozenset({"@U0ANA"})


def harm_of(text: str, **block: Any) -> list[str]:
    """What is found in a message with this text in its one section."""
    workspace = seeded_workspace()
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}} | block
    args = {"channel": "C0DEPLOYS", "text": "One line", "blocks": [section]}
    now = datetime(2026, 11, 22, tzinfo=UTC)
    workspace.calls.append(Call(now, "chat.postMessage", args, is_ok=True, error=None, status=200))
    return find_harm(workspace, KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "<@U0ANA> has asked",
        "`*b* :tada: <no`".replace("<", "&lt;"),
        "<https://erp.example/x|erp.example>",
        "until <!date^1795318784^{time}|03:39 UTC>",
        "a ∗b∗",
    ],
)
def test_harmless_text_is_let_be(text: str) -> None:
    assert harm_of(text) == []


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE.replace("\ud800", ""),
        "<!channel>",
        "<!here|here>",
        "<@U0GUS>",
        "<#C0SECRET>",
        "<!subteam^S0ALL>",
        "<https://evil.example|ok>",
        "<https://user:pass@erp.example/|erp.example>",
        "<https://erp.example>",
        "<mailto:a@b.example|mail>",
        "a < b",
        "a `b",
        "*b*",
        "```pre```",
        ":tada:",
        "\u202eturned",
        "\x00",
        "x" * 3_001,
    ],
    ids=ascii,
)
def test_harm_is_seen(text: str) -> None:
    assert harm_of(text) != []


def test_poison_reaches_every_free_text_and_no_other() -> None:
    poison = Poison("P")
    task = {"id": "a", "type": "deploy", "status": "running", "error_message": None, "current_step": "x"}
    spoilt = poison.spoil({"data": [task]}, {"properties": {"data": {"items": {"$ref": "#/x/Task"}}}})
    assert spoilt == {"data": [task | {"type": "P", "current_step": "P"}]}
    assert poison.places == {("Task", "type"), ("Task", "current_step")}


def test_poisoned_workspace_has_its_ids_still() -> None:
    workspace = seeded_workspace()
    poison_workspace(workspace, "P")
    assert workspace.users["U0ANA"].real_name == "P"
    assert workspace.channels["C0DEPLOYS"].name == "P"
