"""An ask or a press that was long on its way: a change is made only if it is still wanted, reading is answered as ever."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.names import ChannelId
from bot.core.runs import RunState
from bot.flow.conversation import STILL_WANTED
from bot.views import buttons
from tests.flow.stage import Stage, buttons_of, find_button
from tests.support.factories import ANA, BEN, CLEO, DEPLOYS, SUPPORT, a_press, an_ask


async def ask_late(stage: Stage, text: str, late_by: timedelta, *, channel: ChannelId = DEPLOYS) -> None:
    await stage.flow.desk.ask(replace(an_ask(text, CLEO, channel=channel), late_by=late_by))
    await stage.settle()


async def test_change_asked_for_a_while_ago_is_made_only_when_confirmed(stage: Stage) -> None:
    await ask_late(stage, "restart staging", timedelta(minutes=4))
    assert stage.hosting.posts == []
    assert "restart staging reached me 4 min late" in stage.told(CLEO)[-1].replace("`", "").replace(
        "/oec ", ""
    )
    _, answer = stage.chat.answers[-1]
    assert buttons_of(answer) == ["Do it now"]

    kind, button_id = find_button(answer, "Do it now")
    assert kind == buttons.ASK_NOW
    await stage.flow.desk.press(a_press(kind, button_id, CLEO))
    await stage.settle()
    assert len(stage.hosting.posts) == 1


@pytest.mark.parametrize("late_by", [timedelta(0), STILL_WANTED])
async def test_change_asked_for_just_now_is_made(stage: Stage, late_by: timedelta) -> None:
    await ask_late(stage, "restart staging", late_by)
    assert len(stage.hosting.posts) == 1


async def test_late_ask_of_somebody_who_may_not_is_refused_and_offers_nothing(stage: Stage) -> None:
    await ask_late(stage, "stop staging", timedelta(minutes=4), channel=SUPPORT)
    assert "You may not" in stage.told(CLEO)[-1]
    assert buttons_of(stage.chat.answers[-1][1]) == []


async def test_late_question_is_answered(stage: Stage) -> None:
    await ask_late(stage, "history", timedelta(hours=1))
    assert "No runs" in stage.told(CLEO)[-1]


# Presses

LATE = timedelta(minutes=4)


async def test_late_approval_counts_only_when_confirmed_however_late_that_comes(stage: Stage) -> None:
    await stage.ask("deploy prod", ANA)
    await stage.press("Approve", (await stage.card()).states[-1], BEN, late_by=LATE)
    assert (await stage.run()).state is RunState.WAITING
    assert "reached me 4 min late" in stage.told(BEN)[-1]

    _, answer = stage.chat.answers[-1]
    await stage.press("Approve now", answer, BEN, late_by=LATE)
    assert (await stage.run()).state is RunState.RUNNING
    assert len(stage.hosting.posts) == 1


async def test_late_approval_of_somebody_who_may_not_is_refused_at_once(stage: Stage) -> None:
    await stage.ask("deploy prod", ANA)
    await stage.press("Approve", (await stage.card()).states[-1], ANA, late_by=LATE)
    assert "late" not in stage.told(ANA)[-1]
    assert buttons_of(stage.chat.answers[-1][1]) == []


async def test_late_press_that_asks_again_is_asked_back_once(stage: Stage) -> None:
    button_id = await stage.keep_ask("restart staging")
    await stage.flow.desk.press(a_press(buttons.ASK, button_id, CLEO, late_by=LATE))
    await stage.settle()
    assert stage.hosting.posts == []

    await stage.press("Do it now", stage.chat.answers[-1][1], CLEO, late_by=LATE)
    assert len(stage.hosting.posts) == 1
