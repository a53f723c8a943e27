"""Sending modals off and closing them: every answer an app may give."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.sim.workspace.conftest import impatient
from tests.sim.workspace.door import ANA, BEN, Door, RefusedError
from tests.sim.workspace.wire_app import WireApp, answered

JsonObject = dict[str, Any]


def words(text: str) -> JsonObject:
    return {"type": "plain_text", "text": text}


def modal(title: str = "Decline", **more: Any) -> JsonObject:
    field = {"type": "plain_text_input", "action_id": "text", "min_length": 2}
    typed = {"type": "input", "block_id": "reason", "label": words("Reason"), "element": field}
    shared = {"callback_id": "decline", "private_metadata": "42", "submit": words("Send")}
    return {"type": "modal", "title": words(title), "blocks": [typed]} | shared | more


async def opened(door: Door, app: WireApp, slack: AsyncWebClient, view: JsonObject) -> str:
    """Have the app open a modal for Ana; the modal's id."""
    done, _ = await answered(door.slash("decline"), app)
    return str((await slack.views_open(trigger_id=done["trigger_id"], view=view))["view"]["id"])


async def pushed(door: Door, app: WireApp, slack: AsyncWebClient, view: JsonObject) -> str:
    done, _ = await answered(door.slash("more"), app)
    return str((await slack.views_push(trigger_id=done["trigger_id"], view=view))["view"]["id"])


def submit(door: Door, view_id: str, text: str = "because", *, user: str = ANA) -> Any:
    return door.post("submit", user_id=user, view_id=view_id, values={"reason": {"text": text}})


async def titles(door: Door) -> list[str]:
    return [view["title"]["text"] for view in await door.modals()]


async def test_submission_carries_what_was_entered(door: Door, app: WireApp, slack: AsyncWebClient) -> None:
    view_id = await opened(door, app, slack, modal())
    done, sent = await answered(submit(door, view_id), app)
    assert (done["acked"], done["response_action"], done["errors"]) == (True, None, None)
    assert sent["type"] == "view_submission"
    view = sent["view"]
    assert (view["id"], view["callback_id"], view["private_metadata"]) == (view_id, "decline", "42")
    assert view["state"]["values"] == {"reason": {"text": {"type": "plain_text_input", "value": "because"}}}
    assert sent["user"]["id"] == ANA
    assert sent["response_urls"] == []
    assert await door.modals() == [], "an empty acknowledgement closes the modal"


async def test_errors_stay_beside_their_fields(door: Door, app: WireApp, slack: AsyncWebClient) -> None:
    view_id = await opened(door, app, slack, modal())
    refusal = {"response_action": "errors", "errors": {"reason": "Say more."}}
    done, _ = await answered(submit(door, view_id), app, refusal)
    assert (done["acked"], done["response_action"], done["errors"]) == (
        True,
        "errors",
        {"reason": "Say more."},
    )
    (shown,) = await door.modals()
    assert shown["state"]["values"]["reason"]["text"]["value"] == "because", "what was typed is not lost"
    done, _ = await answered(submit(door, view_id, "because of this"), app)
    assert await door.modals() == []


@pytest.mark.parametrize(
    ("text", "error"),
    [("", "Please complete this required field."), ("x", "Please use at least 2 characters.")],
)
async def test_entry_slack_refuses_itself_never_reaches_the_app(
    door: Door, app: WireApp, slack: AsyncWebClient, text: str, error: str
) -> None:
    view_id = await opened(door, app, slack, modal())
    done = await submit(door, view_id, text)
    assert (done["acked"], done["response_action"], done["errors"]) == (False, "errors", {"reason": error})
    _, sent = await answered(door.slash("next"), app)
    assert sent["text"] == "next"


@impatient
async def test_submission_nobody_acknowledges_leaves_the_modal(
    door: Door, app: WireApp, slack: AsyncWebClient
) -> None:
    view_id = await opened(door, app, slack, modal())
    done = await submit(door, view_id)
    assert (done["acked"], done["response_action"], done["errors"]) == (False, None, None)
    assert await titles(door) == ["Decline"]


async def test_update_in_the_acknowledgement_replaces_the_modal(
    door: Door, app: WireApp, slack: AsyncWebClient
) -> None:
    view_id = await opened(door, app, slack, modal())
    answer = {"response_action": "update", "view": modal("Thanks")}
    done, _ = await answered(submit(door, view_id), app, answer)
    assert done["response_action"] == "update"
    (shown,) = await door.modals()
    assert (shown["id"], shown["title"]["text"]) == (view_id, "Thanks")


async def test_push_in_the_acknowledgement_stacks_a_modal(
    door: Door, app: WireApp, slack: AsyncWebClient
) -> None:
    view_id = await opened(door, app, slack, modal())
    await answered(submit(door, view_id), app, {"response_action": "push", "view": modal("Sure?")})
    assert await titles(door) == ["Decline", "Sure?"]
    below, top = await door.modals()
    assert top["previous_view_id"] == below["id"]
    with pytest.raises(RefusedError) as refused:
        await submit(door, view_id)
    assert refused.value.status == 409, "only the modal on top can be sent"
    await answered(submit(door, top["id"]), app)
    assert await titles(door) == ["Decline"], "closing the top one uncovers the one below"


async def test_clear_in_the_acknowledgement_closes_the_stack(
    door: Door, app: WireApp, slack: AsyncWebClient
) -> None:
    await opened(door, app, slack, modal())
    top = await pushed(door, app, slack, modal("Sure?"))
    await answered(submit(door, top), app, {"response_action": "clear"})
    assert await door.modals() == []


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"elsewhere": "x"}},
        {"response_action": "errors"},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "update"},
        {"response_action": "dance"},
    ],
)
async def test_answer_slack_cannot_follow_is_explained(
    door: Door, app: WireApp, slack: AsyncWebClient, answer: JsonObject
) -> None:
    view_id = await opened(door, app, slack, modal())
    done, _ = await answered(submit(door, view_id), app, answer)
    assert done["acked"] is True
    assert done["problem"].startswith("Slack cannot follow the app's answer: invalid_arguments")
    assert await titles(door) == ["Decline"]


async def test_modal_is_closed_quietly_unless_the_app_asked_to_know(
    door: Door, app: WireApp, slack: AsyncWebClient
) -> None:
    quiet = await opened(door, app, slack, modal())
    assert (await door.post("close", user_id=ANA, view_id=quiet))["told"] == []
    assert await door.modals() == []
    told = await opened(door, app, slack, modal(notify_on_close=True))
    done, sent = await answered(door.post("close", user_id=ANA, view_id=told), app)
    assert [one["acked"] for one in done["told"]] == [True]
    assert (sent["type"], sent["view"]["id"], sent["is_cleared"]) == ("view_closed", told, False)


async def test_modal_that_clears_takes_the_stack_along(
    door: Door, app: WireApp, slack: AsyncWebClient
) -> None:
    await opened(door, app, slack, modal())
    top = await pushed(door, app, slack, modal("Sure?", clear_on_close=True, notify_on_close=True))
    _, sent = await answered(door.post("close", user_id=ANA, view_id=top), app)
    assert sent["is_cleared"] is True
    assert await door.modals() == []


async def test_modal_is_nobody_elses(door: Door, app: WireApp, slack: AsyncWebClient) -> None:
    view_id = await opened(door, app, slack, modal())
    for path in ("submit", "close"):
        with pytest.raises(RefusedError) as refused:
            await door.post(path, user_id=BEN, view_id=view_id)
        assert refused.value.status == 404


async def test_what_cannot_be_sent_or_closed_says_so(door: Door, app: WireApp, slack: AsyncWebClient) -> None:
    shown = {"type": "section", "text": words("x")}
    reading = await opened(door, app, slack, modal(blocks=[shown], submit=None))
    with pytest.raises(RefusedError) as refused:
        await door.post("submit", user_id=ANA, view_id=reading)
    assert refused.value.words == f"The view {reading} has no submit button."
    home = (await slack.views_publish(user_id=ANA, view={"type": "home", "blocks": [shown]}))["view"]
    with pytest.raises(RefusedError) as refused:
        await door.post("close", user_id=ANA, view_id=home["id"])
    assert refused.value.words == "The Home tab cannot be closed."
    other = await opened(door, app, slack, modal())
    with pytest.raises(RefusedError) as refused:
        await door.post("submit", user_id=ANA, view_id=other, values={"reason": {"other": "x"}})
    assert refused.value.words == "There is no field reason/other in this form."


async def test_changed_modal_keeps_what_was_typed_in_fields_that_stay(
    door: Door, app: WireApp, slack: AsyncWebClient
) -> None:
    view_id = await opened(door, app, slack, modal())
    await answered(submit(door, view_id), app, {"response_action": "errors", "errors": {"reason": "More."}})
    await slack.views_update(view_id=view_id, view=modal("Again"))
    done, sent = await answered(door.post("submit", user_id=ANA, view_id=view_id), app)
    assert done["acked"] is True
    assert sent["view"]["state"]["values"]["reason"]["text"]["value"] == "because"
