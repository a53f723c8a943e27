"""views.*: triggers, the stack, hashes, Home."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sim.workspace.methods.views import find_view_faults
from tests.sim.workspace.conftest import Clock
from tests.sim.workspace.door import ANA, Door


def modal(**more: Any) -> dict[str, Any]:
    shown = {"type": "section", "text": {"type": "mrkdwn", "text": "hi"}}
    return {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [shown]} | more


def home(text: str = "hi") -> dict[str, Any]:
    return {"type": "home", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]}


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def trigger_of(door: Door) -> str:
    return str((await door.slash("help"))["trigger_id"])


async def test_modal_opens_once_per_trigger(slack: AsyncWebClient, door: Door) -> None:
    trigger_id = await trigger_of(door)
    view = modal(callback_id="c", private_metadata="m")
    answer = await slack.views_open(trigger_id=trigger_id, view=view)
    (shown,) = await door.modals()
    assert shown == answer["view"]
    assert (shown["callback_id"], shown["private_metadata"]) == ("c", "m")
    assert shown["root_view_id"] == shown["id"]
    assert shown["previous_view_id"] is None
    assert shown["state"] == {"values": {}}
    assert await error_of(slack.views_open(trigger_id=trigger_id, view=view)) == "exchanged_trigger_id"
    assert await error_of(slack.views_open(trigger_id="1.x", view=view)) == "invalid_trigger_id"


async def test_trigger_expires_after_three_seconds(slack: AsyncWebClient, door: Door, clock: Clock) -> None:
    trigger_id = await trigger_of(door)
    clock.forward(seconds=3.1)
    assert await error_of(slack.views_open(trigger_id=trigger_id, view=modal())) == "expired_trigger_id"


async def test_refused_view_does_not_use_the_trigger_up(slack: AsyncWebClient, door: Door) -> None:
    trigger_id = await trigger_of(door)
    assert (
        await error_of(slack.views_open(trigger_id=trigger_id, view=modal(title=None))) == "invalid_arguments"
    )
    await slack.views_open(trigger_id=trigger_id, view=modal())


async def test_fourth_modal_does_not_fit_on_the_stack(slack: AsyncWebClient, door: Door) -> None:
    assert await error_of(slack.views_push(trigger_id=await trigger_of(door), view=modal())) == "not_found"
    first = (await slack.views_open(trigger_id=await trigger_of(door), view=modal()))["view"]
    second = (await slack.views_push(trigger_id=await trigger_of(door), view=modal()))["view"]
    await slack.views_push(trigger_id=await trigger_of(door), view=modal())
    assert second["previous_view_id"] == first["id"]
    assert second["root_view_id"] == first["id"]
    error = await error_of(slack.views_push(trigger_id=await trigger_of(door), view=modal()))
    assert error == "push_limit_reached"
    assert len(await door.modals()) == 3


async def test_update_with_an_old_hash_is_refused(slack: AsyncWebClient, door: Door) -> None:
    opened = (await slack.views_open(trigger_id=await trigger_of(door), view=modal(external_id="mine")))[
        "view"
    ]
    updated = await slack.views_update(
        external_id="mine", hash=opened["hash"], view=modal(external_id="mine")
    )
    assert updated["view"]["id"] == opened["id"]
    assert updated["view"]["hash"] != opened["hash"]
    stale = slack.views_update(view_id=opened["id"], hash=opened["hash"], view=modal())
    assert await error_of(stale) == "hash_conflict"
    assert await error_of(slack.views_update(view_id="V0", view=modal())) == "not_found"
    trigger_id = await trigger_of(door)
    double = slack.views_open(trigger_id=trigger_id, view=modal(external_id="mine"))
    assert await error_of(double) == "duplicate_external_id"


async def test_home_is_published_per_person(slack: AsyncWebClient, door: Door) -> None:
    first = (await slack.views_publish(user_id=ANA, view=home("one")))["view"]
    await slack.views_publish(user_id=ANA, view=home("two"), hash=first["hash"])
    shown = (await door.get("views", user_id=ANA))["home"]
    assert shown["blocks"][0]["text"]["text"] == "two"
    assert shown["id"] == first["id"]
    assert (await door.get("views", user_id="U0BEN"))["home"] is None
    stale = slack.views_publish(user_id=ANA, view=home(), hash=first["hash"])
    assert await error_of(stale) == "hash_conflict"
    assert await error_of(slack.views_publish(user_id="U0NOBODY", view=home())) == "invalid_arguments"
    assert await error_of(slack.views_publish(user_id=ANA, view=modal())) == "invalid_arguments"


async def test_very_large_view_is_refused(slack: AsyncWebClient) -> None:
    large = home() | {"private_metadata": "x" * 250_000}
    assert await error_of(slack.views_publish(user_id=ANA, view=large)) == "view_too_large"


INPUT = {
    "type": "input",
    "label": {"type": "plain_text", "text": "L"},
    "element": {"type": "plain_text_input", "action_id": "a"},
}


@pytest.mark.parametrize(
    ("view", "place"),
    [
        (modal(title={"type": "plain_text", "text": "x" * 25}), "/view/title/text"),
        (modal(submit={"type": "plain_text", "text": "x" * 25}), "/view/submit/text"),
        (modal(close={"type": "plain_text", "text": "x" * 25}), "/view/close/text"),
        (modal(private_metadata="x" * 3001), "/view/private_metadata"),
        (modal(callback_id="x" * 256), "/view/callback_id"),
        (modal(external_id="x" * 256), "/view/external_id"),
        (modal(blocks=[INPUT]), "/view"),
        (modal(blocks=[{"type": "plan", "title": "x"}]), "/view/blocks/0/type"),
        (modal(type="dialog"), "/view/type"),
        ({"type": "home"}, "/view"),
        ("modal", "/view"),
    ],
)
def test_view_that_slack_would_refuse_is_named_with_the_place(view: Any, place: str) -> None:
    (fault,) = find_view_faults(view)
    assert fault.endswith(f"[json-pointer:{place}]")


def test_view_at_its_limits_is_taken() -> None:
    longest = {"type": "plain_text", "text": "x" * 24}
    view = modal(title=longest, submit=longest, close=longest, private_metadata="x" * 3000, blocks=[INPUT])
    assert find_view_faults(view) == []
