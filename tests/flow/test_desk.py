"""Deliveries: each is taken once, and whatever breaks, the person hears of it."""

import asyncio
import sqlite3

from bot.core.errors import HistoryError
from bot.core.names import ButtonId, ChannelId
from bot.core.runs import RunState
from bot.views import buttons
from tests.flow.stage import Stage, words_of
from tests.support.factories import ANA, BEN, CLEO, GUS, a_press, a_shortcut, a_submission, an_ask


async def open_ask_form(stage: Stage) -> str:
    """Cleo uses the shortcut on a message; the subject of the form she gets."""
    await stage.flow.desk.use_shortcut(a_shortcut(CLEO))
    [(_, modal)] = stage.chat.modals
    assert modal.kind == buttons.ASK_MODAL
    return modal.subject


async def test_ask_delivered_again_is_carried_out_once(stage: Stage) -> None:
    request = an_ask("restart staging", CLEO)
    await asyncio.gather(*(stage.flow.desk.ask(request) for _ in range(5)))
    await stage.settle()
    await stage.restart()
    await stage.flow.desk.ask(request)
    await stage.settle()
    assert len(stage.hosting.posts) == 1
    assert stage.told(CLEO) == []


async def test_press_delivered_again_is_carried_out_once(stage: Stage) -> None:
    press = a_press(buttons.ASK, await stage.keep_ask("help"), CLEO)
    await asyncio.gather(*(stage.flow.desk.press(press) for _ in range(5)))
    assert len(stage.told(CLEO)) == 1


async def test_shortcut_asks_in_the_thread_of_its_message(stage: Stage) -> None:
    subject = await open_ask_form(stage)
    values = {buttons.TEXT_FIELD: "restart staging"}
    assert await stage.submit(buttons.ASK_MODAL, subject, values, CLEO) == {}
    assert (await stage.card()).place.thread_ts == "1790000000.000001"
    assert (await stage.run()).state is RunState.RUNNING


async def test_ask_form_delivered_again_is_carried_out_once(stage: Stage) -> None:
    subject = await open_ask_form(stage)
    form = a_submission(buttons.ASK_MODAL, subject, {buttons.TEXT_FIELD: "restart staging"}, CLEO)
    answers = await asyncio.gather(*(stage.flow.desk.submit(form) for _ in range(3)))
    await stage.settle()
    assert answers == [None, None, None]
    assert len(stage.hosting.posts) == 1
    assert stage.told(CLEO) == []


async def test_ask_form_is_judged_by_the_rights_of_whoever_submits_it(stage: Stage) -> None:
    subject = await open_ask_form(stage)
    await stage.submit(buttons.ASK_MODAL, subject, {buttons.TEXT_FIELD: "restart staging"}, GUS)
    assert "guest" in stage.told(GUS)[0]
    assert stage.hosting.posts == []


async def test_ask_form_that_is_forgotten_says_so_beside_its_field(stage: Stage) -> None:
    said = await stage.submit(buttons.ASK_MODAL, "forgotten", {buttons.TEXT_FIELD: "help"}, CLEO)
    assert "no longer know this request" in said[buttons.TEXT_FIELD]


async def test_form_whose_work_breaks_afterwards_is_answered_with_a_reference(stage: Stage) -> None:
    subject = await open_ask_form(stage)
    stage.hosting.fails_next(ValueError("a bug of ours"))
    await stage.submit(buttons.ASK_MODAL, subject, {buttons.TEXT_FIELD: "restart staging"}, CLEO)
    assert "Reference" in stage.told(CLEO)[0]
    assert any("ValueError" in line for line in stage.errors.lines)
    stage.errors.lines.clear()


async def test_form_that_breaks_shows_a_reference_beside_its_field(stage: Stage) -> None:
    await stage.ask("deploy prod", ANA)
    handle = (await stage.run()).handle
    stage.chat.people.pop(BEN.user_id)
    said = await stage.submit(buttons.DECLINE_MODAL, handle, {buttons.REASON_FIELD: "no"}, BEN)
    [sentence] = said.values()
    assert "Reference" in sentence
    assert stage.errors.lines
    stage.errors.lines.clear()
    assert (await stage.run()).state is RunState.WAITING


async def test_database_that_fails_at_the_door_is_told_too(stage: Stage) -> None:
    async def fail() -> None:
        raise HistoryError("The database cannot grow: the disk is full.") from sqlite3.OperationalError()

    stage.meddler.before("claim_delivery", fail)
    await stage.ask("restart staging", CLEO)
    assert "I cannot write my history just now" in stage.told(CLEO)[0]
    assert stage.hosting.posts == []


async def test_home_that_slack_does_not_take_breaks_nothing(stage: Stage) -> None:
    stage.chat.refuses("person", "user_not_found", times=1)
    await stage.flow.desk.open_home(CLEO.user_id)
    assert stage.chat.homes == {}
    await stage.flow.desk.open_home(CLEO.user_id)
    assert "staging" in str(stage.chat.homes[CLEO.user_id].blocks)


async def test_form_closed_before_its_errors_were_known_is_told_in_person(stage: Stage) -> None:
    form = a_submission(buttons.DECLINE_MODAL, "any", {}, CLEO)
    await stage.flow.desk.tell_late(form, {buttons.REASON_FIELD: "Somebody was quicker."})
    [(reply_to, message)] = stage.chat.answers
    assert reply_to.place.channel_id == ChannelId(CLEO.user_id)
    assert "Somebody was quicker" in words_of(message)


# The stop


async def test_desk_that_takes_nothing_more_tells_whoever_asks_presses_or_uses_the_shortcut(
    stage: Stage,
) -> None:
    button_id = await stage.keep_ask("restart staging")
    stage.flow.desk.stop_taking()
    await stage.flow.desk.ask(an_ask("restart staging", CLEO))
    await stage.flow.desk.press(a_press(buttons.ASK, button_id, ANA))
    await stage.flow.desk.use_shortcut(a_shortcut(BEN))
    for person in (CLEO, ANA, BEN):
        [told] = stage.told(person)
        assert told == "I am restarting. Nothing was triggered. Ask again in a moment."
    assert stage.hosting.posts == []


async def test_desk_that_takes_nothing_more_keeps_a_form_open(stage: Stage) -> None:
    subject = await open_ask_form(stage)
    stage.flow.desk.stop_taking()
    told = await stage.submit(buttons.ASK_MODAL, subject, {buttons.TEXT_FIELD: "restart staging"}, CLEO)
    assert told == {"": "I am restarting. Nothing was triggered. Ask again in a moment."}
    await stage.restart()
    assert await stage.submit(buttons.ASK_MODAL, subject, {buttons.TEXT_FIELD: "help"}, CLEO) == {}


async def test_desk_that_takes_nothing_more_still_drops_what_it_has_taken_before(stage: Stage) -> None:
    request = an_ask("restart staging", CLEO)
    await stage.flow.desk.ask(request)
    await stage.settle()
    stage.flow.desk.stop_taking()
    await stage.flow.desk.ask(request)
    assert stage.told(CLEO) == []


async def test_form_of_the_shortcut_that_came_too_late_is_opened_again(stage: Stage) -> None:
    stage.chat.refuses("modal", "expired_trigger_id", times=2)
    await stage.flow.desk.use_shortcut(a_shortcut(CLEO, thread="1790000000.000009"))
    await stage.press("Open again", stage.chat.answers[-1][1], CLEO)
    await stage.press("Open again", stage.chat.answers[-1][1], CLEO)
    [(_, modal)] = stage.chat.modals
    await stage.submit(modal.kind, modal.subject, {buttons.TEXT_FIELD: "restart staging"}, CLEO)
    assert (await stage.card()).place.thread_ts == "1790000000.000009"


async def test_form_of_a_place_that_is_forgotten_is_not_opened(stage: Stage) -> None:
    await stage.flow.desk.press(a_press(buttons.OPEN_FORM, ButtonId("forgotten"), CLEO))
    assert stage.chat.modals == []
    assert "no longer does anything" in stage.told(CLEO)[-1]
