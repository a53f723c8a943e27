"""Slack's own JavaScript framework cannot tell the stand-in from Slack, over a socket and over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.sim.workspace.server import WorkspaceServer
from tests.conformance.node_app import NodeApp
from tests.conformance.packages import JAVASCRIPT, node_with_packages
from tests.sim.workspace.door import ANA, BEN, DEPLOYS, Door

MODES = ("socket", "http")


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def app(mode: str, door: Door, settings: dict[str, str]) -> AsyncIterator[NodeApp]:
    """The app, ready for whatever people do."""
    running = await NodeApp.start(node_with_packages(), JAVASCRIPT / "app.mjs", settings | {"MODE": mode})
    port = (await running.until("ready"))["port"]
    if mode == "http":
        await door.post("app", request_url=f"http://127.0.0.1:{port}/slack/events")
    yield running
    await running.stop()
    assert running.all("error") == []
    assert running.complaints == []


async def test_command_is_acknowledged_with_words_and_posts_a_card(app: NodeApp, door: Door) -> None:
    done = await door.slash("deploy prod")
    assert (done["acked"], done["response"]) == (True, {"text": "Heard: deploy prod"})
    assert (await door.until_seen("Heard: deploy prod"))["ephemeral"] is True
    card = await door.until_seen("Deploy prod?", user=BEN)
    assert [one["text"]["text"] for one in card["blocks"][1]["elements"]] == ["Approve", "Decline"]


async def test_command_is_answered_later_by_its_response_url(app: NodeApp, door: Door) -> None:
    await door.slash("later")
    assert (await door.until_seen("Later it is."))["ephemeral"] is True
    assert "Later it is." not in await door.texts(user=BEN)


async def test_button_edits_the_card_and_thanks_in_private(app: NodeApp, door: Door) -> None:
    await door.slash("deploy prod")
    card = await door.until_seen("Deploy prod?", user=BEN)
    assert (await door.press(card["ts"], "Approve", user=BEN))["acked"] is True
    edited = await door.until_seen("Approved by <@U0BEN>")
    assert (edited["ts"], edited["edits"], len(edited["blocks"])) == (card["ts"], 1, 1)
    assert (await door.until_seen("Thank you.", user=BEN))["ephemeral"] is True


async def test_modal_shows_errors_then_changes_then_closes(app: NodeApp, door: Door) -> None:
    await door.slash("deploy prod")
    await door.press((await door.until_seen("Deploy prod?"))["ts"], "Decline")
    modal = await door.until_modal()
    assert (modal["private_metadata"], modal["callback_id"]) == ("run 7", "reason")

    async def send(text: str) -> object:
        sent = await door.post("submit", user_id=ANA, view_id=modal["id"], values={"why": {"text": text}})
        assert (sent["acked"], sent["problem"]) == (True, None)
        return sent["response_action"], sent["errors"]

    assert await send("no") == ("errors", {"why": "Say a little more."})
    assert await send("something else") == ("update", None)
    assert (await door.until_modal())["title"]["text"] == "Once more"
    assert await send("not today") == (None, None)
    await door.until_seen("Declined by U0ANA: not today", user=BEN)
    assert await door.modals() == []


async def test_modal_that_is_closed_tells_the_app(app: NodeApp, door: Door) -> None:
    await door.slash("deploy prod")
    await door.press((await door.until_seen("Deploy prod?"))["ts"], "Decline")
    modal = await door.until_modal()
    closed = await door.post("close", user_id=ANA, view_id=modal["id"])
    assert [one["acked"] for one in closed["told"]] == [True]


async def test_message_shortcut_answers_about_the_message(app: NodeApp, door: Door) -> None:
    said = await door.post("say", user_id=BEN, channel_id=DEPLOYS, text="it is slow")
    used = await door.post(
        "shortcut", user_id=ANA, callback_id="oec_message", channel_id=DEPLOYS, message_ts=said["ts"]
    )
    assert used["acked"] is True
    assert (await door.until_seen("About: it is slow"))["ephemeral"] is True


async def test_mention_is_answered_in_its_thread(app: NodeApp, door: Door) -> None:
    said = await door.post("mention", user_id=ANA, channel_id=DEPLOYS, text="status")
    await door.until_seen("You said <@U0OECBOT> status", thread_ts=said["ts"])


async def test_home_is_published_when_it_is_opened(app: NodeApp, door: Door) -> None:
    await door.post("home", user_id=ANA)
    assert (await door.until_home())["blocks"][0]["text"]["text"] == "Welcome home"


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "too_many_websockets"])
@pytest.mark.parametrize("mode", ["socket"])
async def test_app_comes_back_after_a_disconnect(app: NodeApp, door: Door, reason: str) -> None:
    await door.until_back(door.fault("disconnect", reason=reason))
    assert (await door.slash("again"))["acked"] is True


@pytest.mark.parametrize("mode", ["http"])
async def test_request_with_a_wrong_signature_is_refused(
    server: WorkspaceServer, app: NodeApp, door: Door
) -> None:
    server.workspace.put_app(replace(server.workspace.app, signing_secret="another secret"))
    assert (await door.slash("deploy prod"))["acked"] is False
    assert await door.texts() == ['/oec failed with the error "http_client_error"']
    assert app.bodies("command") == []
    app.complaints.clear()


async def test_event_that_comes_again_says_so(mode: str, app: NodeApp, door: Door) -> None:
    said = await door.post("mention", user_id=ANA, channel_id=DEPLOYS, text="status")
    await door.until_seen("You said <@U0OECBOT> status", thread_ts=said["ts"])
    await door.post("redeliver", envelope_id=said["envelope_id"])
    again = await app.until("heard", count=2)
    reason = {"socket": "timeout", "http": "http_timeout"}[mode]
    assert (again["retry"], again["reason"]) == (1, reason)
    assert [body["event_id"] for body in app.bodies("app_mention")] == [said["event_id"]] * 2
