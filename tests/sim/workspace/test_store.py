"""The workspace's state: time stamps, replies, watchers."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.sim.workspace.entities import Change, Content, Message
from bot.sim.workspace.seeds import seeded_workspace
from bot.sim.workspace.store import Workspace

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def post(
    workspace: Workspace, text: str, *, thread_ts: str | None = None, only_for: str | None = None
) -> Message:
    ts = workspace.next_ts(NOW)
    message = Message(ts, "C0DEPLOYS", "U0ANA", Content(text), NOW, thread_ts=thread_ts, only_for=only_for)
    return workspace.post(message)


def test_time_stamp_is_that_of_the_clock_unless_it_was_given_before() -> None:
    workspace = seeded_workspace()
    assert workspace.next_ts(NOW) == f"{int(NOW.timestamp())}.000000"
    assert workspace.next_ts(NOW) == f"{int(NOW.timestamp())}.000001"
    assert workspace.next_ts(NOW.replace(year=2025)) == f"{int(NOW.timestamp())}.000002"


def test_replies_are_counted_until_they_are_deleted() -> None:
    workspace = seeded_workspace()
    root = post(workspace, "root")
    reply = post(workspace, "reply", thread_ts=root.ts)
    post(workspace, "private", thread_ts=root.ts, only_for="U0ANA")
    assert workspace.replies_to("C0DEPLOYS", root.ts) == [reply]
    edited = workspace.edit(reply, Content("better"), now=NOW)
    assert workspace.replies_to("C0DEPLOYS", root.ts) == [edited]
    workspace.delete(edited)
    assert workspace.replies_to("C0DEPLOYS", root.ts) == []
    assert [message.content.text for message in workspace.messages_in("C0DEPLOYS")] == ["root", "private"]


def test_edit_keeps_the_message_in_its_place() -> None:
    workspace = seeded_workspace()
    first = post(workspace, "first")
    post(workspace, "second")
    workspace.edit(first, Content("changed"), now=NOW)
    assert [message.content.text for message in workspace.messages_in("C0DEPLOYS")] == ["changed", "second"]


def test_watcher_hears_of_changes_until_it_stops() -> None:
    workspace = seeded_workspace()
    heard: list[Change] = []
    stop = workspace.watch(heard.append)
    root = post(workspace, "root")
    post(workspace, "psst", thread_ts=root.ts, only_for="U0BEN")
    workspace.put_user(replace(workspace.users["U0ANA"], title="Boss"))
    stop()
    post(workspace, "unheard")
    assert heard == [
        Change("messages", "C0DEPLOYS"),
        Change("messages", "C0DEPLOYS", root.ts, "U0BEN"),
        Change("workspace"),
    ]


def test_tokens_do_not_show_when_an_app_is_printed() -> None:
    assert "xoxb" not in repr(seeded_workspace().app)
    assert "xapp" not in repr(seeded_workspace().app)
