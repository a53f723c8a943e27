"""Calls while nobody decides: whom, when, once each, past outages of Slack, and none for what is decided."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeGuard

import pytest

from bot.core.approvals import Approval
from bot.core.entries import ApprovalEscalated, ApproversReminded
from bot.core.errors import ChatUnavailableError
from bot.core.names import MessageTs, RunId, UserId
from bot.core.policy import Person
from bot.core.rules import Rules
from bot.core.runs import RunState
from bot.flow.news import CALLS
from bot.flow.ports import AnySlot, Slot, SlotKind
from tests.flow.stage import Stage, words_of
from tests.support.factories import ANA, BEN, CLEO, EVERYONE, HOME, LEA, LEADS, RELEASE, calling_rules
from tests.support.fakes import Meddler, Posted

TOKYO = "Asia/Tokyo"
"""Where it is 21:00 when Cleo asks, and stays night for ten hours."""
BERLIN = "Europe/Berlin"

ELLA = Person(UserId("U0ELLA"), HOME, time_zone="Europe/Madrid", name="Ella")
"""Who is a lead later."""

REMINDER, ESCALATION = (Slot(RunId(1), kind) for kind in (SlotKind.REMINDER, SlotKind.ESCALATION))


@pytest.fixture
def office(stage: Stage) -> Stage:
    """Ana is in Tokyo, where it is night; Ben in Berlin, where it is not. Lea is a lead."""
    stage.rules = calling_rules()
    stage.flow.rulebook.put(stage.rules)
    people = [replace(ANA, time_zone=TOKYO), replace(BEN, time_zone=BERLIN)]
    stage.chat.people |= {person.user_id: person for person in people}
    return stage


async def asked(stage: Stage, text: str = "deploy prod") -> None:
    """Cleo asks for what needs an approval."""
    await stage.ask(text, CLEO)
    assert (await stage.run()).state is RunState.WAITING


async def go_on(stage: Stage, **span: float) -> None:
    """Time goes by; then everything has its turn."""
    stage.clock.forward(**span)
    await stage.flow.approvals.expire_once()
    await stage.flow.reminders.remind_once()
    await stage.settle()


def is_call(slot: AnySlot | None) -> TypeGuard[Slot]:
    """Whether this is a message that calls people."""
    return isinstance(slot, Slot) and slot.kind in CALLS


def calls(stage: Stage) -> list[str]:
    """What the calls that were posted said when they were."""
    return [words_of(one.states[0]) for one in stage.chat.screen if is_call(one.slot)]


def the(stage: Stage, slot: Slot) -> Posted:
    """The one message of a slot."""
    [posted] = stage.chat.of(slot)
    return posted


async def approval_of(stage: Stage) -> Approval:
    """The approval of run 1."""
    approval = await stage.store.find_approval(RunId(1))
    assert approval is not None
    return approval


async def test_nobody_is_called_before_half_time(office: Stage) -> None:
    await asked(office)
    await go_on(office, minutes=7)
    assert calls(office) == []


async def test_approvers_who_are_awake_are_called_at_half_time_in_the_thread(office: Stage) -> None:
    await asked(office)
    await go_on(office, minutes=7.5)
    [call] = calls(office)
    assert "<@U0BEN>" in call
    assert "still waits for approval" in call
    assert "night for 1 other" in call
    assert "U0ANA" not in call
    assert "U0CLEO" not in call
    assert the(office, REMINDER).place.thread_ts == (await office.card()).ref.ts
    [entry] = [one.entry for one in await office.store.find_entries(RunId(1))][-1:]
    assert entry == ApproversReminded((BEN.user_id,), (ANA.user_id,))


async def test_call_is_made_once_however_often_its_turn_comes(office: Stage) -> None:
    await asked(office)
    for _ in range(4):
        await go_on(office, minutes=2)
        await office.flow.cards.redraw_stale_once()
        await office.settle()
    assert len(calls(office)) == 1


async def test_restart_repeats_no_call(office: Stage) -> None:
    await asked(office)
    await go_on(office, minutes=8)
    await office.restart()
    await go_on(office, seconds=2)
    await office.flow.cards.redraw_stale_once()
    await office.settle()
    assert len(calls(office)) == 1
    assert len(the(office, REMINDER).states) <= 2


async def test_reminder_says_who_decided_and_asks_no_more(office: Stage) -> None:
    await asked(office)
    await go_on(office, minutes=8)
    await office.vote(await office.run(), BEN)
    now = words_of(the(office, REMINDER).now)
    assert "Decided: approved by <@U0BEN>" in now
    assert "still waits" not in now


@pytest.mark.parametrize(("by", "said"), [(BEN, "declined by <@U0BEN>"), (CLEO, "Withdrawn by <@U0CLEO>")])
async def test_reminder_of_what_is_not_to_be_says_so(office: Stage, by: Person, said: str) -> None:
    await asked(office)
    await go_on(office, minutes=8)
    await office.vote(await office.run(), by, approve=False)
    assert said in words_of(the(office, REMINDER).now)


async def test_calls_of_what_ran_out_say_so(office: Stage) -> None:
    await asked(office)
    await go_on(office, minutes=8)
    await go_on(office, minutes=3)
    await go_on(office, minutes=4)
    assert (await office.run()).state is RunState.EXPIRED
    for slot in (REMINDER, ESCALATION):
        assert "Expired: nobody decided" in words_of(the(office, slot).now)


async def test_progress_of_the_task_leaves_the_reminder_as_it_is(office: Stage) -> None:
    await asked(office)
    await go_on(office, minutes=8)
    await office.vote(await office.run(), BEN)
    states = len(the(office, REMINDER).states)
    for percent in (10, 40, 80):
        office.hosting.moves(office.task, progress_percent=percent)
        await office.turn()
    assert len(the(office, REMINDER).states) == states
    assert list(await office.store.find_stale_slots()) == []


async def test_others_are_called_after_their_time_and_may_decide_from_then_on(office: Stage) -> None:
    await asked(office)
    await go_on(office, minutes=9)
    await office.vote(await office.run(), LEA)
    assert "You may not decide #1" in office.told(LEA)[0]
    await go_on(office, minutes=1)
    assert "leads may decide too" in words_of((await office.card()).now).replace("*", "")
    reminder, escalation = calls(office)
    assert "<@U0BEN>" in reminder
    assert "<@U0LEA>" in escalation
    assert "U0BEN" not in escalation
    await office.vote(await office.run(), LEA)
    assert (await office.run()).state is RunState.RUNNING
    assert (await office.run()).approvers == (LEA.user_id,)
    for slot in (REMINDER, ESCALATION):
        assert "approved by <@U0LEA>" in words_of(the(office, slot).now)
    assert (await office.entries()).count("ApprovalEscalated") == 1


async def test_person_of_both_groups_is_called_once(office: Stage) -> None:
    office.chat.groups |= {LEADS: frozenset({LEA.user_id, BEN.user_id})}
    await asked(office)
    await go_on(office, minutes=8)
    await go_on(office, minutes=3)
    assert [call.count("<@U0BEN>") for call in calls(office)] == [1, 0]


async def test_everything_due_while_the_bot_was_down_comes_to_just_the_expiry(office: Stage) -> None:
    await asked(office)
    await office.restart(minutes=20)
    await office.flow.approvals.expire_once()
    await go_on(office, seconds=0)
    assert (await office.run()).state is RunState.EXPIRED
    assert calls(office) == []


async def test_turn_of_calls_before_that_of_the_expiry_calls_nobody_for_what_ran_out(office: Stage) -> None:
    await asked(office)
    office.clock.forward(minutes=15)
    await office.flow.reminders.remind_once()
    await office.settle()
    assert calls(office) == []


async def test_approval_runs_out_while_people_are_looked_up_and_nobody_is_called(office: Stage) -> None:
    await asked(office)
    office.clock.forward(minutes=14)

    async def late() -> None:
        office.clock.forward(minutes=2)

    office.meddler.before("fetch_group", late)
    await go_on(office, seconds=0)
    assert calls(office) == []
    assert "ApproversReminded" not in await office.entries()


# Nights


async def test_call_waits_for_the_morning_of_the_first_who_wakes(office: Stage) -> None:
    office.clock.forward(hours=9, minutes=50)  # 06:50 in Tokyo, 23:50 in Berlin
    await asked(office)
    await go_on(office, minutes=8)
    assert calls(office) == []
    assert "night for everyone who may approve, I call them" in words_of((await office.card()).now)
    await go_on(office, minutes=1)
    assert calls(office) == []
    await go_on(office, minutes=1)
    [call] = calls(office)
    assert "<@U0ANA>" in call
    assert "U0BEN" not in call
    assert "night for everyone" not in words_of((await office.card()).now)


async def test_nobody_is_woken_and_the_card_says_so(office: Stage) -> None:
    office.clock.forward(hours=9)  # 06:00 in Tokyo, 23:00 in Berlin and Madrid
    await asked(office)
    for _ in range(7):
        await go_on(office, minutes=2)
    assert calls(office) == []
    words = words_of((await office.card()).now)
    assert "but it is night for all of them" in words
    await office.vote(await office.run(), LEA)
    assert (await office.run()).state is RunState.RUNNING
    kinds = await office.entries()
    assert (kinds.count("ApproversReminded"), kinds.count("ApprovalEscalated")) == (1, 1)


async def test_leads_who_sleep_may_decide_and_are_called_when_they_wake(office: Stage) -> None:
    office.chat.people[LEA.user_id] = replace(LEA, time_zone=TOKYO)
    office.clock.forward(hours=9, minutes=48)  # 06:48 in Tokyo
    await asked(office)
    await go_on(office, minutes=10)
    await go_on(office, seconds=1)
    assert (await approval_of(office)).escalated_at is not None
    assert calls(office) == []
    await go_on(office, minutes=2)
    await go_on(office, seconds=1)
    assert sorted("U0LEA" in call for call in calls(office)) == [False, True]
    called = [one.entry for one in await office.store.find_entries(RunId(1))]
    assert [one.called for one in called if isinstance(one, ApprovalEscalated)] in [
        [(), (LEA.user_id,)],
        [(), ()],  # the reminder of the same morning has called her
    ]


# Who else


async def test_everyone_is_not_called_one_by_one(office: Stage) -> None:
    rules = calling_rules()
    [approval] = rules.approvals
    office.flow.rulebook.put(replace(rules, approvals=(replace(approval, by=EVERYONE, escalate=None),)))
    await asked(office)
    await go_on(office, minutes=8)
    [call] = calls(office)
    assert "Anybody else of the team may decide it" in call
    assert "<@" not in call


async def test_person_whom_slack_does_not_know_is_called_as_if_awake(office: Stage) -> None:
    office.chat.refuses(f"person {ANA.user_id}", "user_not_found")
    await asked(office)
    await go_on(office, minutes=8)
    [call] = calls(office)
    assert "<@U0ANA> and <@U0BEN>" in call


async def test_those_whom_the_rules_have_left_out_meanwhile_are_not_called(office: Stage) -> None:
    await asked(office)
    office.chat.groups |= {RELEASE: frozenset({ANA.user_id, CLEO.user_id})}
    office.chat.people[ANA.user_id] = replace(ANA, time_zone=BERLIN)
    await go_on(office, minutes=8)
    [call] = calls(office)
    assert "<@U0ANA>" in call
    assert "U0BEN" not in call
    assert "U0CLEO" not in call


async def test_rules_changed_meanwhile_call_nobody_by_the_old_ones(office: Stage) -> None:
    await asked(office)
    office.flow.rulebook.put(replace(office.rules, digest="d2"))
    await go_on(office, minutes=8)
    assert calls(office) == []


async def test_group_that_slack_does_not_tell_keeps_the_others_waiting_for_a_minute_only(
    office: Stage,
) -> None:
    rules = calling_rules()
    [approval] = rules.approvals
    known = replace(approval.by, users=frozenset({LEA.user_id}))
    office.flow.rulebook.put(replace(rules, approvals=(replace(approval, by=known),)))
    await asked(office)
    office.chat.refuses("group", ChatUnavailableError("timeout"))
    await go_on(office, minutes=7.5)
    assert calls(office) == []
    await go_on(office, minutes=1)
    [call] = calls(office)
    assert "<@U0LEA>" in call


async def test_whoever_looks_is_called_alone(office: Stage) -> None:
    office.chat.people[ANA.user_id] = replace(ANA, time_zone=BERLIN)
    await asked(office)
    office.clock.forward(minutes=4)
    await office.press("I'm looking", (await office.card()).now, ANA)
    await go_on(office, minutes=4)
    [call] = calls(office)
    assert "<@U0ANA>" in call
    assert "U0BEN" not in call


async def test_those_who_have_approved_are_not_called_for_the_other_votes(office: Stage) -> None:
    [approval] = office.rules.approvals
    office.flow.rulebook.put(replace(office.rules, approvals=(replace(approval, count=2),)))
    office.chat.people[ANA.user_id] = replace(ANA, time_zone=BERLIN)
    await asked(office)
    await office.vote(await office.run(), BEN)
    await go_on(office, minutes=8)
    [call] = calls(office)
    assert "<@U0ANA>" in call
    assert "1 of 2 have approved" in call
    assert "U0BEN" not in call
    await office.vote(await office.run(), ANA)
    assert "approved by <@U0BEN> and <@U0ANA>" in words_of(the(office, REMINDER).now)


async def test_request_that_is_asked_anew_has_its_half_time_anew(office: Stage) -> None:
    await asked(office)
    await go_on(office, minutes=6)
    office.flow.rulebook.put(replace(office.rules, digest="d2"))
    await office.flow.approvals.renew_once()
    await go_on(office, minutes=7)
    assert calls(office) == []
    assert "night for everyone" not in words_of((await office.card()).now)
    await go_on(office, minutes=1)
    assert len(calls(office)) == 1


# Asked anew


REMINDER_ANEW, ESCALATION_ANEW = (replace(slot, asking=2) for slot in (REMINDER, ESCALATION))


async def ask_anew(stage: Stage, rules: Rules | None = None) -> None:
    """The rules change, and what waits is asked anew."""
    stage.rules = replace(rules or stage.rules, digest=f"{stage.rules.digest}+")
    stage.flow.rulebook.put(stage.rules)
    await stage.flow.approvals.renew_once()
    await stage.settle()


async def test_what_is_asked_anew_calls_by_new_messages_and_those_of_before_are_over(office: Stage) -> None:
    await asked(office)
    await go_on(office, minutes=8)
    await go_on(office, minutes=3)
    assert len(calls(office)) == 2
    await ask_anew(office)
    for slot in (REMINDER, ESCALATION):
        assert "was asked anew" in words_of(the(office, slot).now)
        assert "may decide it too" not in words_of(the(office, slot).now)
    assert len(calls(office)) == 2
    await go_on(office, minutes=8)
    await go_on(office, minutes=3)
    [*_, reminder, escalation] = calls(office)
    assert len(calls(office)) == 4
    assert "<@U0BEN>" in reminder
    assert "<@U0LEA>" in escalation
    await office.vote(await office.run(), LEA)
    for slot in (REMINDER_ANEW, ESCALATION_ANEW):
        assert "approved by <@U0LEA>" in words_of(the(office, slot).now)
    for slot in (REMINDER, ESCALATION):
        assert "was asked anew" in words_of(the(office, slot).now)


async def test_those_whom_new_rules_name_are_called_though_others_were_before(office: Stage) -> None:
    await asked(office)
    await go_on(office, minutes=8)
    await go_on(office, minutes=3)
    office.chat.people[ELLA.user_id] = ELLA
    office.chat.groups |= {LEADS: frozenset({ELLA.user_id})}
    await ask_anew(office)
    await go_on(office, minutes=8)
    await go_on(office, minutes=3)
    assert "<@U0ELLA>" in words_of(the(office, ESCALATION_ANEW).states[0])


async def test_call_is_made_once_for_each_asking_whatever_is_started_anew(office: Stage) -> None:
    await asked(office)
    for _ in range(3):
        await go_on(office, minutes=8)
        await go_on(office, minutes=3)
        await office.restart()
        await go_on(office, seconds=1)
        await office.flow.cards.redraw_stale_once()
        await office.settle()
        await ask_anew(office)
        await office.restart()
    assert [call.count("<@U0BEN>") + call.count("<@U0LEA>") for call in calls(office)] == [1] * 6
    assert [one.slot.asking for one in office.chat.screen if is_call(one.slot)] == [
        1,
        1,
        2,
        2,
        3,
        3,
    ]


async def test_call_that_could_not_be_posted_before_it_was_asked_anew_is_never_made(office: Stage) -> None:
    await asked(office)
    office.chat.falls_ill()
    office.clock.forward(minutes=8)
    await office.flow.reminders.remind_once()
    await office.until(lambda: office.chat.is_waiting(REMINDER))
    office.rules = replace(office.rules, digest="d2")
    office.flow.rulebook.put(office.rules)
    await office.flow.approvals.renew_once()
    office.chat.recovers()
    await office.settle()
    await office.flow.cards.redraw_stale_once()
    await office.settle()
    assert calls(office) == []
    assert list(await office.store.find_stale_slots()) == []


# Not posted in time


async def hold_back(stage: Stage) -> None:
    """Cleo's ask may wait for half a day. At half-time, 20:58 in Berlin, Ben is to be called; Slack takes no posts."""
    [approval] = calling_rules().approvals
    slow = replace(approval, expires=timedelta(hours=12), escalate=None)
    stage.rules = replace(calling_rules(), approvals=(slow,))
    stage.flow.rulebook.put(stage.rules)
    stage.clock.forward(minutes=58)
    await asked(stage)
    stage.chat.falls_ill()
    stage.clock.forward(hours=6)
    await stage.flow.reminders.remind_once()
    await stage.until(lambda: stage.chat.is_waiting(REMINDER))


async def recover(stage: Stage, **span: float) -> None:
    """After a while, Slack takes posts again."""
    stage.clock.forward(**span)
    stage.chat.recovers()
    await stage.settle()
    await stage.flow.cards.redraw_stale_once()
    await stage.settle()


async def decided_calls(stage: Stage) -> list[ApproversReminded]:
    """What the record says of calls at half-time."""
    entries = [one.entry for one in await stage.store.find_entries(RunId(1))]
    return [entry for entry in entries if isinstance(entry, ApproversReminded)]


async def test_call_that_slack_takes_within_the_day_is_made_as_it_was_decided(office: Stage) -> None:
    await hold_back(office)
    await recover(office, minutes=1, seconds=30)
    [call] = calls(office)
    assert "<@U0BEN>" in call
    await go_on(office, seconds=20)
    assert len(await decided_calls(office)) == 1


async def test_call_that_slack_takes_only_at_night_waits_for_the_morning(office: Stage) -> None:
    await hold_back(office)
    await recover(office, minutes=7)
    assert calls(office) == []
    await go_on(office, seconds=1)
    assert calls(office) == []
    assert "night for everyone who may approve, I call them" in words_of((await office.card()).now)
    assert list(await office.store.find_stale_slots()) == []
    await go_on(office, hours=3)
    [call] = calls(office)
    assert "<@U0ANA>" in call  # 07:06 in Tokyo
    assert "U0BEN" not in call
    assert await decided_calls(office) == [
        ApproversReminded((BEN.user_id,), (ANA.user_id,)),
        ApproversReminded((), (ANA.user_id, BEN.user_id)),
        ApproversReminded((ANA.user_id,), (BEN.user_id,)),
    ]


async def test_call_that_slack_takes_hours_later_is_to_those_who_are_awake_by_then(office: Stage) -> None:
    await hold_back(office)
    await recover(office, hours=3, minutes=7)
    assert calls(office) == []
    await go_on(office, seconds=1)
    [call] = calls(office)
    assert "<@U0ANA>" in call
    assert "night for 1 other" in call
    assert "U0BEN" not in call


async def test_bot_that_starts_at_night_wakes_nobody_with_a_call_of_the_day(office: Stage) -> None:
    await hold_back(office)
    await office.reopen(Meddler())
    await recover(office, hours=1)
    assert calls(office) == []
    await go_on(office, seconds=1)
    assert calls(office) == []
    await go_on(office, hours=2, minutes=10)
    [call] = calls(office)
    assert "<@U0ANA>" in call


async def test_nobody_is_called_by_what_slack_takes_when_nobody_knows_who_sleeps(office: Stage) -> None:
    await hold_back(office)
    office.chat.refuses(f"person {BEN.user_id}", ChatUnavailableError("timeout"))
    await recover(office, minutes=7)
    await go_on(office, seconds=1)
    assert calls(office) == []
    office.chat.relents(f"person {BEN.user_id}")
    await go_on(office, seconds=11)
    assert "night for everyone who may approve" in words_of((await office.card()).now)
    assert calls(office) == []


async def test_leads_who_fell_asleep_before_slack_took_the_call_may_decide_all_the_same(
    office: Stage,
) -> None:
    office.clock.forward(hours=6, minutes=48)  # 20:48 in Madrid
    await asked(office)
    await go_on(office, minutes=8)
    office.chat.falls_ill()
    office.clock.forward(minutes=3)
    await office.flow.reminders.remind_once()
    await office.until(lambda: office.chat.is_waiting(ESCALATION))
    await recover(office, minutes=2)
    await go_on(office, seconds=1)
    assert office.chat.of(ESCALATION) == []
    assert "but it is night for all of them" in words_of((await office.card()).now)
    await office.vote(await office.run(), LEA)
    assert (await office.run()).state is RunState.RUNNING
    assert office.chat.of(ESCALATION) == []


async def test_request_made_inside_a_thread_has_its_calls_there(office: Stage) -> None:
    thread = MessageTs("1789000000.000001")
    await office.ask("deploy prod", CLEO, thread=thread)
    await go_on(office, minutes=8)
    await go_on(office, minutes=3)
    assert {the(office, slot).place.thread_ts for slot in (REMINDER, ESCALATION)} == {thread}


async def test_card_that_was_deleted_is_posted_anew_without_its_calls(office: Stage) -> None:
    await asked(office)
    await go_on(office, minutes=8)
    (await office.card()).is_deleted = True
    await office.vote(await office.run(), BEN)
    await office.flow.cards.redraw_stale_once()
    await office.settle()
    assert len(office.chat.of(REMINDER)) == 1
    assert "Decided: approved by" in words_of(the(office, REMINDER).now)


# Slack unwell


@pytest.mark.parametrize("what", [f"person {BEN.user_id}", f"person {CLEO.user_id}", "group"])
async def test_call_waits_while_slack_does_not_tell_who_is_who(office: Stage, what: str) -> None:
    await asked(office)
    office.chat.refuses(what, ChatUnavailableError("timeout"))
    await go_on(office, minutes=8)
    assert calls(office) == []
    office.chat.relents(what)
    await go_on(office, seconds=1)
    assert calls(office) == []  # Slack is not asked at every turn
    await go_on(office, seconds=10)
    [call] = calls(office)
    assert "<@U0BEN>" in call


async def test_call_for_what_was_decided_before_it_could_be_made_is_not_made(office: Stage) -> None:
    await asked(office)
    office.chat.falls_ill()
    office.clock.forward(minutes=8)
    await office.flow.reminders.remind_once()
    await office.until(lambda: office.chat.is_waiting(REMINDER))
    await office.vote_now(await office.run(), BEN)
    await office.until(lambda: bool(office.hosting.posts))
    office.chat.recovers()
    await office.settle()
    assert office.chat.of(REMINDER) == []
    await office.flow.cards.redraw_stale_once()
    await office.settle()
    assert office.chat.of(REMINDER) == []
    assert list(await office.store.find_stale_slots()) == []


async def test_call_whose_answer_was_lost_is_found_and_says_how_it_was_decided(office: Stage) -> None:
    await asked(office)
    office.chat.loses_answer(SlotKind.REMINDER)
    await go_on(office, minutes=8)
    await office.vote(await office.run(), BEN)
    [standing] = office.chat.standing(REMINDER)
    assert "Decided: approved by <@U0BEN>" in words_of(standing.now)


async def test_call_that_somebody_deleted_is_not_made_again(office: Stage) -> None:
    await asked(office)
    await go_on(office, minutes=8)
    the(office, REMINDER).is_deleted = True
    await office.vote(await office.run(), BEN)
    await office.flow.cards.redraw_stale_once()
    await office.settle()
    assert len(office.chat.of(REMINDER)) == 1
    assert (await office.run()).state is RunState.RUNNING


# At the same instant


async def test_vote_in_the_same_moment_as_the_reminder_counts_and_calls_nobody(office: Stage) -> None:
    await asked(office)
    run = await office.run()

    async def approve() -> None:
        await office.vote_now(run, BEN)
        await office.until(lambda: bool(office.hosting.posts))

    office.meddler.before("record_approval", approve)
    await go_on(office, minutes=8)
    assert (await office.run()).state is RunState.RUNNING
    assert calls(office) == []
    assert "ApproversReminded" not in await office.entries()


Turn = Callable[[], Awaitable[None]]


async def test_two_turns_at_the_same_instant_make_one_call(office: Stage) -> None:
    await asked(office)
    office.clock.forward(minutes=8)
    turns: list[Turn] = [office.flow.reminders.remind_once] * 3
    await asyncio.gather(*(turn() for turn in turns))
    await office.settle()
    assert len(calls(office)) == 1
    assert (await office.entries()).count("ApproversReminded") == 1
