"""Pressing and picking: what can be pressed by whom, and what the app is sent."""

import asyncio
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.sim.workspace.conftest import impatient
from tests.sim.workspace.door import ANA, BEN, DEPLOYS, Door, RefusedError
from tests.sim.workspace.wire_app import WireApp, answered

JsonObject = dict[str, Any]


def words(text: str) -> JsonObject:
    return {"type": "plain_text", "text": text}


def button(label: str, action_id: str, **more: Any) -> JsonObject:
    return {"type": "button", "text": words(label), "action_id": action_id} | more


OPTIONS = [{"text": words("Staging"), "value": "s"}, {"text": words("Dev"), "value": "d"}]
CARD: list[JsonObject] = [
    {
        "type": "section",
        "block_id": "top",
        "text": {"type": "mrkdwn", "text": "Deploy?"},
        "accessory": {"type": "overflow", "action_id": "more", "options": OPTIONS},
    },
    {
        "type": "actions",
        "block_id": "row",
        "elements": [
            button("Approve", "approve", value="7", style="primary"),
            button("Decline", "decline", value="7"),
            button("Secret", "secret", visible_to_user_ids=[BEN]),
            {
                "type": "static_select",
                "action_id": "where",
                "options": OPTIONS,
                "placeholder": words("Where"),
            },
            {"type": "checkboxes", "action_id": "flags", "options": OPTIONS},
        ],
    },
    {
        "type": "input",
        "block_id": "why",
        "label": words("Why"),
        "element": {"type": "plain_text_input", "action_id": "reason"},
    },
]


@pytest.fixture
async def card(slack: AsyncWebClient) -> str:
    """A posted message with things to press; its time stamp."""
    return str((await slack.chat_postMessage(channel=DEPLOYS, text="Deploy?", blocks=CARD))["ts"])


def press(door: Door, ts: str, *, user: str = ANA, **wanted: Any) -> Any:
    return door.post("press", user_id=user, channel_id=DEPLOYS, message_ts=ts, **wanted)


async def test_press_carries_every_documented_field(door: Door, app: WireApp, card: str) -> None:
    done, sent = await answered(press(door, card, label="Approve"), app)
    assert done["acked"] is True
    (action,) = sent["actions"]
    assert float(action.pop("action_ts")) > 0
    assert action == {
        "type": "button",
        "action_id": "approve",
        "block_id": "row",
        "text": words("Approve"),
        "value": "7",
        "style": "primary",
    }
    assert sent["type"] == "block_actions"
    assert sent["team"] == {"id": "T0ACME", "domain": "acme-odoo"}
    assert sent["user"]["id"] == ANA
    assert sent["container"] == {
        "type": "message",
        "message_ts": card,
        "channel_id": DEPLOYS,
        "is_ephemeral": False,
    }
    assert sent["channel"] == {"id": DEPLOYS, "name": "deploys"}
    assert sent["message"]["ts"] == card
    assert sent["message"]["blocks"][1]["block_id"] == "row"
    assert set(sent) >= {"api_app_id", "token", "trigger_id", "response_url", "enterprise", "state"}
    assert sent["is_enterprise_install"] is False


async def test_press_in_a_thread_names_the_thread(
    door: Door, app: WireApp, slack: AsyncWebClient, card: str
) -> None:
    reply = await slack.chat_postMessage(channel=DEPLOYS, text="x", blocks=CARD, thread_ts=card)
    _, sent = await answered(press(door, reply["ts"], action_id="approve"), app)
    assert sent["container"]["thread_ts"] == card
    _, sent = await answered(press(door, card, action_id="approve"), app)
    assert sent["message"]["thread_ts"] == card, "the first message names itself once it has replies"


async def test_private_message_is_named_but_not_repeated(
    door: Door, app: WireApp, slack: AsyncWebClient
) -> None:
    ts = (await slack.chat_postEphemeral(channel=DEPLOYS, user=ANA, text="x", blocks=CARD))["message_ts"]
    _, sent = await answered(press(door, ts, action_id="approve"), app)
    assert sent["container"]["is_ephemeral"] is True
    assert "message" not in sent
    with pytest.raises(RefusedError) as refused:
        await press(door, ts, user=BEN, action_id="approve")
    assert refused.value.status == 404


@impatient
async def test_press_nobody_acknowledges_is_reported(door: Door, app: WireApp, card: str) -> None:
    done = await press(door, card, label="Approve")
    assert (done["acked"], done["ack_ms"]) == (False, None)


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"label": "Aprove"}, 404),
        ({"label": "Secret"}, 404),
        ({"action_id": "nothing"}, 404),
        ({"action_id": "approve", "block_id": "top"}, 404),
        ({"action_id": "reason"}, 404),
        ({}, 400),
        ({"action_id": "where"}, 400),
        ({"action_id": "where", "selected_option": "x"}, 404),
        ({"action_id": "approve", "values": {"row": {"nothing": "x"}}}, 400),
        ({"action_id": "approve", "values": ["x"]}, 400),
    ],
)
async def test_press_on_what_is_not_there_is_refused(
    door: Door, card: str, wanted: JsonObject, status: int
) -> None:
    with pytest.raises(RefusedError) as refused:
        await press(door, card, **wanted)
    assert refused.value.status == status


async def test_refusal_says_what_there_is_to_press(door: Door, card: str) -> None:
    with pytest.raises(RefusedError, match="only: Approve, Decline, Where, flags, more"):
        await press(door, card, label="Aprove")


async def test_button_for_some_people_is_pressed_by_them(door: Door, app: WireApp, card: str) -> None:
    done, _ = await answered(press(door, card, user=BEN, label="Secret"), app)
    assert done["acked"] is True


async def test_two_buttons_with_one_label_need_their_block(
    door: Door, app: WireApp, slack: AsyncWebClient
) -> None:
    rows = [
        {"type": "actions", "block_id": name, "elements": [button("Retry", "retry", value=name)]}
        for name in "ab"
    ]
    ts = (await slack.chat_postMessage(channel=DEPLOYS, text="x", blocks=rows))["ts"]
    with pytest.raises(RefusedError) as refused:
        await press(door, ts, label="Retry")
    assert refused.value.status == 400
    _, sent = await answered(press(door, ts, label="Retry", block_id="b"), app)
    assert sent["actions"][0]["value"] == "b"


@pytest.mark.parametrize(
    ("wanted", "kind", "chosen"),
    [
        ({"action_id": "where", "selected_option": "d"}, "static_select", {"selected_option": OPTIONS[1]}),
        (
            {"action_id": "where", "selected_option": OPTIONS[0]},
            "static_select",
            {"selected_option": OPTIONS[0]},
        ),
        ({"action_id": "where", "label": "Staging"}, "static_select", {"selected_option": OPTIONS[0]}),
        ({"action_id": "more", "selected_option": "Dev"}, "overflow", {"selected_option": OPTIONS[1]}),
        ({"action_id": "flags", "selected_options": ["s", "d"]}, "checkboxes", {"selected_options": OPTIONS}),
        ({"action_id": "flags", "selected_options": []}, "checkboxes", {"selected_options": []}),
    ],
)
async def test_choice_is_sent_as_slack_sends_it(
    door: Door, app: WireApp, card: str, wanted: JsonObject, kind: str, chosen: JsonObject
) -> None:
    _, sent = await answered(press(door, card, **wanted), app)
    (action,) = sent["actions"]
    assert action["type"] == kind
    assert {name: action[name] for name in chosen} == chosen


async def test_state_of_a_messages_inputs_is_remembered_per_person(
    door: Door, app: WireApp, card: str
) -> None:
    await answered(press(door, card, action_id="where", selected_option="d"), app)
    typed = {"why": {"reason": "because"}}
    _, sent = await answered(press(door, card, label="Approve", values=typed), app)
    state = sent["state"]["values"]
    assert state["row"]["where"] == {"type": "static_select", "selected_option": OPTIONS[1]}
    assert state["why"]["reason"] == {"type": "plain_text_input", "value": "because"}
    _, other = await answered(press(door, card, user=BEN, label="Approve"), app)
    assert other["state"]["values"]["row"]["where"]["selected_option"] is None


async def test_fields_that_an_edit_took_away_are_forgotten(
    door: Door, app: WireApp, slack: AsyncWebClient, card: str
) -> None:
    await answered(press(door, card, action_id="where", selected_option="d"), app)
    left = [{"type": "actions", "block_id": "row", "elements": [button("Approve", "approve")]}]
    await slack.chat_update(channel=DEPLOYS, ts=card, text="x", blocks=left)
    _, sent = await answered(press(door, card, label="Approve"), app)
    assert sent["state"]["values"] == {}


async def test_press_in_home_carries_the_view(door: Door, app: WireApp, slack: AsyncWebClient) -> None:
    await slack.views_publish(user_id=ANA, view={"type": "home", "blocks": CARD[:2]})
    home = (await door.get("views", user_id=ANA))["home"]
    _, sent = await answered(
        door.post("press", user_id=ANA, view_id=home["id"], action_id="where", selected_option="s"), app
    )
    assert sent["container"] == {"type": "view", "view_id": home["id"]}
    assert sent["view"]["type"] == "home"
    assert sent["view"]["state"]["values"]["row"]["where"]["selected_option"] == OPTIONS[0]
    assert "response_url" not in sent
    with pytest.raises(RefusedError) as refused:
        await door.post("press", user_id=BEN, view_id=home["id"], action_id="where", selected_option="s")
    assert refused.value.status == 404


async def test_two_presses_at_once_are_two_envelopes(door: Door, app: WireApp, card: str) -> None:
    presses = [asyncio.create_task(press(door, card, label="Approve")) for _ in range(2)]
    envelopes = {(await app.answer_next())["envelope_id"] for _ in presses}
    assert len(envelopes) == 2
    assert {(await one)["envelope_id"] for one in presses} == envelopes
