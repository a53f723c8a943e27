"""`response_url`: how often, how long, what it may touch."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from tests.sim.workspace.conftest import Clock
from tests.sim.workspace.door import ANA, BEN, DEPLOYS, Door
from tests.sim.workspace.wire_app import WireApp, answered

JsonObject = dict[str, Any]

BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go"}
BLOCKS: list[JsonObject] = [{"type": "actions", "elements": [BUTTON]}]


async def reply(door: Door, url: str, **body: Any) -> tuple[int, str]:
    async with door.http.post(url, json=body) as response:
        return response.status, await response.text()


async def command_url(door: Door, app: WireApp, *, channel: str = DEPLOYS) -> str:
    _, sent = await answered(door.slash("status", channel=channel), app)
    return str(sent["response_url"])


async def press_url(door: Door, app: WireApp, ts: str) -> str:
    pressing = door.post("press", user_id=ANA, channel_id=DEPLOYS, message_ts=ts, action_id="go")
    _, sent = await answered(pressing, app)
    return str(sent["response_url"])


async def test_reply_is_private_unless_it_says_otherwise(door: Door, app: WireApp) -> None:
    url = await command_url(door, app)
    assert await reply(door, url, text="only you") == (200, "ok")
    await reply(door, url, text="everybody", response_type="in_channel")
    assert await door.texts(user=ANA) == ["only you", "everybody"]
    assert await door.texts(user=BEN) == ["everybody"]


async def test_reply_works_where_the_app_is_no_member(door: Door, app: WireApp) -> None:
    url = await command_url(door, app, channel="C0RANDOM")
    assert (await reply(door, url, text="hi", response_type="in_channel"))[0] == 200
    assert await door.texts(channel="C0RANDOM") == ["hi"]


async def test_sixth_reply_is_one_too_many(door: Door, app: WireApp) -> None:
    url = await command_url(door, app)
    statuses = [(await reply(door, url, text=str(number)))[0] for number in range(6)]
    assert statuses == [200] * 5 + [404]
    status, body = await reply(door, url, text="late")
    assert (status, "expired_url" in body) == (404, True)
    assert await door.texts() == ["0", "1", "2", "3", "4"]


async def test_reply_after_half_an_hour_is_too_late(door: Door, app: WireApp, clock: Clock) -> None:
    url = await command_url(door, app)
    clock.forward(minutes=30)
    assert (await reply(door, url, text="just in time"))[0] == 200
    clock.forward(seconds=1)
    assert (await reply(door, url, text="late"))[0] == 404


async def test_unknown_address_is_refused(door: Door) -> None:
    assert (await reply(door, f"{door.url}/actions/T0ACME/nonsense", text="x"))[0] == 404


async def test_original_is_replaced_in_place(door: Door, app: WireApp, slack: AsyncWebClient) -> None:
    ts = str((await slack.chat_postMessage(channel=DEPLOYS, text="old", blocks=BLOCKS))["ts"])
    url = await press_url(door, app, ts)
    await reply(door, url, text="new", replace_original=True)
    (seen,) = await door.messages(user=BEN)
    assert (seen["ts"], seen["text"], seen["blocks"], seen["edits"]) == (ts, "new", [], 1)


async def test_private_original_is_replaced_only_this_way(
    door: Door, app: WireApp, slack: AsyncWebClient
) -> None:
    whisper = await slack.chat_postEphemeral(channel=DEPLOYS, user=ANA, text="old", blocks=BLOCKS)
    url = await press_url(door, app, str(whisper["message_ts"]))
    await reply(door, url, text="new", replace_original=True, response_type="in_channel")
    (seen,) = await door.messages()
    assert (seen["text"], seen["ephemeral"]) == ("new", True), "visibility never changes"
    assert await door.texts(user=BEN) == []
    await reply(door, url, delete_original=True)
    assert await door.texts() == []


async def test_original_is_deleted(door: Door, app: WireApp, slack: AsyncWebClient) -> None:
    ts = str((await slack.chat_postMessage(channel=DEPLOYS, text="old", blocks=BLOCKS))["ts"])
    url = await press_url(door, app, ts)
    await reply(door, url, delete_original=True)
    assert await door.texts() == []


async def test_peoples_own_doings_cannot_be_touched(door: Door, app: WireApp) -> None:
    ts = (await door.post("say", user_id=BEN, channel_id=DEPLOYS, text="mine"))["ts"]
    _, sent = await answered(
        door.post("shortcut", user_id=ANA, callback_id="oec_message", channel_id=DEPLOYS, message_ts=ts), app
    )
    assert (await reply(door, sent["response_url"], delete_original=True))[0] == 400
    await reply(door, sent["response_url"], text="beside it", replace_original=True)
    assert await door.texts() == ["mine", "beside it"]
    url = await command_url(door, app)
    assert (await reply(door, url, delete_original=True))[0] == 400


async def test_public_reply_may_go_into_a_thread_and_a_private_one_may_not(
    door: Door, app: WireApp, slack: AsyncWebClient
) -> None:
    ts = str((await slack.chat_postMessage(channel=DEPLOYS, text="root", blocks=BLOCKS))["ts"])
    url = await press_url(door, app, ts)
    await reply(door, url, text="under", response_type="in_channel", thread_ts=ts, replace_original=False)
    await reply(door, url, text="beside", thread_ts=ts)
    assert [one["text"] for one in await door.messages(thread_ts=ts)] == ["root", "under"]
    assert await door.texts() == ["root", "beside"]


async def test_reply_that_slack_would_refuse_is_refused_and_not_counted(door: Door, app: WireApp) -> None:
    url = await command_url(door, app)
    for _ in range(6):
        assert (await reply(door, url, text="x", blocks=[{"type": "alert"}]))[0] == 400
    assert (await reply(door, url))[0] == 400
    async with door.http.post(url, data=b"[1]") as response:
        assert response.status == 400
    assert (await reply(door, url, text="good"))[0] == 200


async def test_what_the_app_answered_can_be_read_again(door: Door, app: WireApp, clock: Clock) -> None:
    _, sent = await answered(door.slash("status"), app, {"text": "heard"})
    clock.forward(seconds=1)
    await reply(door, str(sent["response_url"]), text="later")
    await reply(door, str(sent["response_url"]), blocks=[{"type": "odd"}])
    _, unread = await answered(door.slash("status"), app, {"blocks": [{"type": "odd"}]})
    assert unread["text"] == "status"
    answers = (await door.get("answers"))["answers"]
    assert [(one["via"], one["body"], one["error"]) for one in answers] == [
        ("acknowledgement", {"text": "heard"}, None),
        ("response_url", {"text": "later"}, None),
        ("response_url", {"blocks": [{"type": "odd"}]}, "invalid_blocks"),
        ("acknowledgement", {"blocks": [{"type": "odd"}]}, "invalid_blocks"),
    ]
    recent = (await door.get("answers", since=answers[1]["at"]))["answers"]
    assert [one["ok"] for one in recent] == [True, False, False]
