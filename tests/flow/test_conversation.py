"""Asks and their answers: understood, allowed, or told what would have worked; and never without an answer."""

import logging

import pytest

from bot.core.errors import ChatUnavailableError, HostingUnavailableError
from bot.core.policy import Person
from bot.core.runs import RunState
from bot.views import buttons
from tests.flow.stage import Stage, buttons_of, find_button, words_of
from tests.support.factories import (
    ANA,
    BEN,
    CLEO,
    DEPLOYS,
    DORA,
    ELSEWHERE,
    FOREIGN,
    GUS,
    SUPPORT,
    TEAM,
    a_press,
)

STRANGER = Person(CLEO.user_id, FOREIGN)


async def nothing_happened(stage: Stage) -> None:
    """No run, no card, nothing asked of the platform."""
    assert await stage.store.find_open_runs() == []
    assert stage.chat.screen == []
    assert stage.hosting.posts == []


@pytest.mark.parametrize(
    ("who", "channel", "text", "words"),
    [
        (GUS, DEPLOYS, "restart staging", "guest"),
        (STRANGER, DEPLOYS, "restart staging", "workspace"),
        (CLEO, ELSEWHERE, "restart staging", "No rule speaks of"),
        (CLEO, SUPPORT, "deploy staging", "may not"),
        (CLEO, SUPPORT, "status prod", "prod"),
    ],
    ids=["guest", "foreign team", "channel without rules", "no rule", "not visible here"],
)
async def test_who_may_not_is_told_why_and_it_is_remembered(
    stage: Stage, who: Person, channel: str, text: str, words: str
) -> None:
    await stage.ask(text, who, channel=channel)
    await nothing_happened(stage)
    [told] = stage.told(who)
    assert words in told
    assert await stage.entries(None) == ["DeniedAsk"]


async def test_deactivated_person_without_a_rule_of_their_own_is_refused(stage: Stage) -> None:
    await stage.ask("restart staging", DORA)
    await nothing_happened(stage)
    assert len(stage.told(DORA)) == 1


async def test_slack_not_telling_who_asks_decides_nothing(stage: Stage) -> None:
    stage.chat.refuses("person", ChatUnavailableError("timeout"), times=1)
    await stage.ask("restart staging", CLEO)
    await nothing_happened(stage)
    assert "Slack does not tell me who you are" in stage.told(CLEO)[0]
    await stage.ask("restart staging", CLEO)
    assert (await stage.run()).state is RunState.RUNNING


async def test_misunderstood_name_offers_only_what_this_channel_sees(stage: Stage) -> None:
    await stage.ask("restart stagin", CLEO, channel=SUPPORT)
    await stage.ask("restart prodd", CLEO, channel=SUPPORT)
    [(_, near), (_, unseen)] = stage.chat.answers
    assert [label for label in buttons_of(near) if "staging" in label]
    assert not [label for label in buttons_of(unseen) if "prod" in label]
    await nothing_happened(stage)


async def test_offered_button_asks_as_the_person_who_presses(stage: Stage) -> None:
    await stage.ask("restart stagin", CLEO)
    [(_, answer)] = stage.chat.answers
    [label] = [label for label in buttons_of(answer) if "staging" in label]
    await stage.press(label, answer, GUS)
    await nothing_happened(stage)
    assert "guest" in stage.told(GUS)[0]
    await stage.press(label, answer, BEN)
    run = await stage.run()
    assert run.requester == BEN.user_id
    assert run.state is RunState.RUNNING


async def test_offered_button_is_judged_by_the_channel_it_is_pressed_in(stage: Stage) -> None:
    button_id = await stage.keep_ask("deploy staging")
    await stage.flow.desk.press(a_press(buttons.ASK, button_id, CLEO, channel=SUPPORT))
    await nothing_happened(stage)
    assert "may not" in stage.told(CLEO)[0]


async def test_offered_button_that_is_forgotten_says_so(stage: Stage) -> None:
    await stage.flow.desk.press(a_press(buttons.ASK, "long-forgotten", CLEO))
    assert "no longer does anything" in stage.told(CLEO)[0]


async def test_outsider_gets_no_hints_about_what_exists(stage: Stage) -> None:
    await stage.ask("restart stagin", GUS)
    [(_, answer)] = stage.chat.answers
    assert buttons_of(answer) == []
    assert "staging" not in words_of(answer).replace("stagin`", "")


@pytest.mark.parametrize("text", ["", "help", "status", "history", "run 1", "logs 1", "help deploy"])
async def test_reading_is_answered_privately_and_changes_nothing(stage: Stage, text: str) -> None:
    await stage.ask("restart staging", CLEO)
    version = (await stage.run()).version
    await stage.ask(text, BEN)
    assert len(stage.told(BEN)) == 1
    assert (await stage.run()).version == version


async def test_status_of_a_silent_platform_is_answered_without_it(stage: Stage) -> None:
    stage.hosting.environment_trouble = HostingUnavailableError("timeout")
    await stage.ask("status staging", CLEO)
    assert "`staging`" in stage.told(CLEO)[0]


@pytest.mark.parametrize("who", TEAM, ids=[str(person.name) for person in TEAM])
async def test_everybody_gets_some_answer_to_nonsense(stage: Stage, who: Person) -> None:
    await stage.ask("frobnicate <!channel>", who)
    [told] = stage.told(who)
    assert "<!channel>" not in told


async def test_bug_is_answered_with_a_reference_and_the_next_ask_works(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.chat.people.pop(CLEO.user_id)  # the adapter breaks: a KeyError where a person was expected
    with caplog.at_level(logging.ERROR):
        await stage.ask("restart staging", CLEO)
    [told] = stage.told(CLEO)
    reference = told.split("Reference `")[1].split("`")[0]
    assert reference in caplog.text
    assert "KeyError" in caplog.text
    stage.errors.lines.clear()
    stage.chat.people[CLEO.user_id] = CLEO
    await stage.ask("restart staging", CLEO)
    assert (await stage.run()).state is RunState.RUNNING


async def test_bug_after_the_run_was_written_down_does_not_lose_it(stage: Stage) -> None:
    stage.hosting.fails_next(ValueError("a bug of ours"))
    await stage.ask("restart staging", CLEO)
    assert "Reference" in stage.told(CLEO)[0]
    stage.errors.lines.clear()
    await stage.turn(seconds=6)
    assert (await stage.run()).state is RunState.RUNNING


async def test_answer_that_slack_does_not_take_is_logged_and_nothing_else(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.chat.refuses("answer", ChatUnavailableError("timeout"), times=1)
    with caplog.at_level(logging.WARNING):
        await stage.ask("help", CLEO)
    assert "could not be given" in caplog.text
    assert stage.told(CLEO) == []
    await stage.ask("help", CLEO)
    assert len(stage.told(CLEO)) == 1


async def test_denial_names_who_could_and_what_may_be_done_instead(stage: Stage) -> None:
    await stage.ask("deploy staging", CLEO, channel=SUPPORT)
    told = stage.told(CLEO)[0]
    assert "channels.C0DEPLOYS[0]" in told
    assert "restart" in told


async def test_approval_is_offered_with_buttons_that_carry_no_meaning_of_their_own(stage: Stage) -> None:
    await stage.ask("deploy prod", ANA)
    kind, carried = find_button((await stage.card()).now, "Approve")
    assert kind == buttons.APPROVE
    assert carried.startswith((await stage.run()).handle)
    assert "prod" not in carried
