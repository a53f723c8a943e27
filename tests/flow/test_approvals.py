"""An approval decides once: whoever is first, whatever else changes meanwhile, by the rules of the moment of the press."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.approvals import ApprovalState
from bot.core.catalog import Catalog, Environment
from bot.core.entries import Voted
from bot.core.errors import ChatUnavailableError
from bot.core.facts import EnvironmentSeen
from bot.core.names import RunId, UserId
from bot.core.policy import Person
from bot.core.rules import Rules
from bot.core.runs import RunState
from bot.core.tasks import EnvironmentReport, TaskStatus
from bot.views import answers, buttons
from bot.views.message import Modal
from tests.flow.stage import Stage, buttons_of, words_of
from tests.support.factories import (
    ANA,
    BEN,
    CLEO,
    DEPLOYS,
    DEV,
    DORA,
    EXPIRY,
    FOREIGN,
    GUS,
    HOME,
    LEA,
    PROD,
    a_press,
    a_submission,
    rules_without,
    some_rules,
)

ELLA = Person(UserId("U0ELLA"), HOME, name="Ella")
"""A third releaser."""


async def asked(stage: Stage) -> None:
    """Cleo asks to deploy `prod`, which waits for a releaser."""
    stage.chat.people[ELLA.user_id] = ELLA
    stage.chat.groups = {group: members | {ELLA.user_id} for group, members in stage.chat.groups.items()}
    await stage.ask("deploy prod", CLEO)
    assert (await stage.run()).state is RunState.WAITING


async def approval_state(stage: Stage) -> ApprovalState:
    """How the approval of run 1 stands."""
    approval = await stage.store.find_approval((await stage.run()).id)
    assert approval is not None
    return approval.state


async def votes_counted(stage: Stage) -> int:
    """How many votes decided run 1: one at most, ever."""
    return (await stage.entries()).count("Voted")


async def test_two_approvers_at_the_same_instant_decide_once(stage: Stage) -> None:
    await asked(stage)
    run = await stage.run()
    await asyncio.gather(stage.vote(run, ANA), stage.vote(run, BEN), stage.vote(run, ELLA))
    run = await stage.run()
    assert run.state is RunState.RUNNING
    assert await votes_counted(stage) == 1
    assert len(stage.hosting.posts) == 1
    late = [person for person in (ANA, BEN, ELLA) if person.user_id not in run.approvers]
    for person in late:
        [told] = stage.told(person)
        assert f"already approved, by <@{run.decided_by}>" in told


@pytest.mark.parametrize("first", [True, False])
async def test_approve_against_decline_decides_once(stage: Stage, first: bool) -> None:
    await asked(stage)
    run = await stage.run()
    await asyncio.gather(stage.vote(run, ANA, approve=first), stage.vote(run, BEN, approve=not first))
    run = await stage.run()
    assert run.state in {RunState.RUNNING, RunState.DECLINED}
    assert await votes_counted(stage) == 1
    assert len(stage.hosting.posts) == (run.state is RunState.RUNNING)
    if run.state is RunState.DECLINED:
        assert "not today" in words_of((await stage.card()).now)


async def test_approve_against_withdrawal_decides_once(stage: Stage) -> None:
    await asked(stage)
    run = await stage.run()
    await asyncio.gather(stage.vote(run, BEN), stage.vote(run, CLEO, approve=False))
    run = await stage.run()
    assert run.state in {RunState.RUNNING, RunState.WITHDRAWN}
    assert await votes_counted(stage) == 1
    assert len(stage.hosting.posts) == (run.state is RunState.RUNNING)


async def test_vote_in_the_same_moment_as_a_look_at_the_environment_counts(stage: Stage) -> None:
    """Something else about the run changes just before the vote is recorded: that is no other decision."""
    await asked(stage)
    run = await stage.run()

    async def look() -> None:
        seen = EnvironmentSeen(EnvironmentReport(PROD.id, status="stopped"))
        await stage.flow.tracker._runs.tell(run.id, seen)

    stage.meddler.before("record_approval", look)
    await stage.vote(run, BEN)
    assert (await stage.run()).state is RunState.RUNNING
    assert stage.told(BEN) == []


async def test_vote_overtaken_by_the_expiry_is_told_that_it_expired(stage: Stage) -> None:
    await asked(stage)
    run = await stage.run()

    async def expire() -> None:
        stage.clock.forward(minutes=15)
        await stage.flow.approvals.expire_once()

    stage.meddler.before("record_approval", expire)
    await stage.vote(run, BEN)
    assert (await stage.run()).state is RunState.EXPIRED
    assert "#1 expired" in stage.told(BEN)[0]
    assert stage.hosting.posts == []


async def test_expiry_overtaken_by_a_drop_leaves_no_second_end(stage: Stage) -> None:
    await asked(stage)
    stage.clock.forward(minutes=15)

    async def drop() -> None:
        await stage.flow.tracker._runs.drop((await stage.run()).id, "rules_changed")

    stage.meddler.before("load_run", drop)
    await stage.flow.approvals.expire_once()
    await stage.settle()
    assert (await stage.run()).state is RunState.DROPPED
    assert await stage.entries() == ["Asked", "Ended"]


async def test_second_press_of_the_same_approver_is_told_that_it_is_decided(stage: Stage) -> None:
    await asked(stage)
    run = await stage.run()
    await stage.vote(run, BEN)
    await stage.vote(run, BEN)
    assert len(stage.hosting.posts) == 1
    assert "You have approved #1 already" in stage.told(BEN)[0]


async def test_decision_is_on_the_card_without_its_buttons(stage: Stage) -> None:
    await asked(stage)
    card = await stage.card()
    assert buttons_of(card.now) == ["Approve", "Decline", "I'm looking"]
    await stage.press("Approve", card.now, BEN)
    assert buttons_of(card.now) == []
    assert "approved by <@U0BEN>" in words_of(card.now)


async def test_approver_whose_rights_were_taken_is_refused(stage: Stage) -> None:
    await asked(stage)
    stage.chat.groups = {group: members - {BEN.user_id} for group, members in stage.chat.groups.items()}
    await stage.vote(await stage.run(), BEN)
    assert (await stage.run()).state is RunState.WAITING
    assert "You may not decide #1" in stage.told(BEN)[0]
    assert await stage.entries() == ["Asked", "VoteRefused"]
    await stage.vote(await stage.run(), ANA)
    assert (await stage.run()).state is RunState.RUNNING


async def test_requester_whose_rights_were_taken_gets_nothing_approved(stage: Stage) -> None:
    await asked(stage)
    stage.flow.rulebook.put(rules_without(some_rules(), CLEO))
    await stage.vote(await stage.run(), BEN)
    assert (await stage.run()).state is RunState.DROPPED
    assert stage.hosting.posts == []


async def test_requester_who_has_left_gets_nothing_approved(stage: Stage) -> None:
    await asked(stage)
    stage.chat.people[CLEO.user_id] = replace(CLEO, is_deactivated=True)
    await stage.vote(await stage.run(), BEN)
    assert (await stage.run()).state is RunState.DROPPED
    assert stage.hosting.posts == []


async def test_rules_changed_since_the_ask_ask_anew_at_the_next_press(stage: Stage) -> None:
    await asked(stage)
    stage.clock.forward(minutes=5)
    stage.flow.rulebook.put(some_rules(digest="d2"))
    await stage.vote(await stage.run(), BEN)
    assert (await stage.run()).state is RunState.WAITING
    [told] = stage.told(BEN)
    assert "The rules changed since #1 was asked for, so it is asked anew" in told
    assert "Rule: `oec.yml`, line 14: `approvals[0]`." in told
    assert "Asked anew at" in words_of((await stage.card()).now)
    assert await stage.entries() == ["Asked", "VoteRefused", "ApprovalRenewed"]
    await stage.vote(await stage.run(), BEN)
    assert (await stage.run()).state is RunState.RUNNING


async def test_rules_changed_ask_anew_at_once_what_waits(stage: Stage) -> None:
    await asked(stage)
    stage.clock.forward(minutes=5)
    stage.flow.rulebook.put(some_rules(digest="d2"))
    await stage.flow.approvals.renew_once()
    await stage.settle()
    approval = await stage.store.find_approval(RunId(1))
    assert approval is not None
    assert approval.renewed_at == stage.clock.now()
    assert approval.expires_at == stage.clock.now() + EXPIRY
    await stage.flow.approvals.renew_once()
    assert await stage.store.find_approval(RunId(1)) == approval
    assert await stage.entries() == ["Asked", "ApprovalRenewed"]


async def test_press_on_a_card_of_before_the_rules_changed_approves_nothing(stage: Stage) -> None:
    await asked(stage)
    before = (await stage.card()).now
    stage.flow.rulebook.put(some_rules(digest="d2"))
    await stage.flow.approvals.renew_once()
    await stage.settle()
    await stage.press("Approve", before, BEN)
    assert (await stage.run()).state is RunState.WAITING
    assert "Look at its card again" in stage.told(BEN)[-1]
    assert await stage.entries() == ["Asked", "ApprovalRenewed", "VoteRefused"]
    await stage.press("Approve", (await stage.card()).now, BEN)
    assert (await stage.run()).state is RunState.RUNNING


async def test_form_opened_before_the_rules_changed_approves_nothing(stage: Stage) -> None:
    await stage.ask("reinit dev sale")
    await stage.press("Approve", (await stage.card()).now, BEN)
    [(_, form)] = stage.chat.modals
    stage.flow.rulebook.put(some_rules(digest="d2"))
    await stage.flow.approvals.renew_once()
    subject, typed = form.subject, {buttons.NAME_FIELD: "dev"}
    errors = await stage.submit(buttons.TYPED_MODAL, subject, typed, BEN)
    assert "asked anew" in errors[buttons.NAME_FIELD]
    again = await stage.submit(buttons.TYPED_MODAL, subject, typed, BEN)
    assert again == errors, "a form says by which terms it approves, however often it is sent"
    assert "press Approve there" in errors[buttons.NAME_FIELD]
    assert (await stage.run()).state is RunState.WAITING
    await stage.press("Approve", (await stage.card()).now, BEN)
    _, form = stage.chat.modals[-1]
    assert await stage.submit(buttons.TYPED_MODAL, form.subject, typed, BEN) == {}
    assert (await stage.run()).state is RunState.RUNNING


async def test_rules_changed_do_not_ask_anew_what_has_expired(stage: Stage) -> None:
    await asked(stage)
    stage.clock.forward(minutes=15)
    stage.flow.rulebook.put(some_rules(digest="d2"))
    await stage.flow.approvals.renew_once()
    await stage.flow.approvals.expire_once()
    await stage.settle()
    assert (await stage.run()).state is RunState.EXPIRED
    assert await stage.entries() == ["Asked", "ApprovalRanOut"]


async def test_rules_that_let_nobody_ask_for_it_end_what_waits_with_a_way_to_ask_again(stage: Stage) -> None:
    await asked(stage)
    stage.flow.rulebook.put(rules_without(some_rules(digest="d2"), CLEO))
    await stage.flow.approvals.renew_once()
    await stage.settle()
    assert (await stage.run()).state is RunState.DROPPED
    assert "rules have changed" in words_of(stage.ends()[0].now)
    assert "Retry" in buttons_of((await stage.card()).now)
    await stage.vote(await stage.run(), BEN)
    assert "#1 no longer waits: the rules have changed" in stage.told(BEN)[0]
    assert stage.hosting.posts == []


async def test_slack_not_telling_who_asked_leaves_it_to_the_next_press(stage: Stage) -> None:
    await asked(stage)
    stage.flow.rulebook.put(some_rules(digest="d2"))
    stage.chat.refuses("person U0CLEO", ChatUnavailableError("timeout"))
    await stage.flow.approvals.renew_once()
    assert await stage.entries() == ["Asked"]
    stage.chat.relents("person U0CLEO")
    await stage.vote(await stage.run(), BEN)
    assert await stage.entries() == ["Asked", "VoteRefused", "ApprovalRenewed"]


async def test_rules_changed_in_the_middle_of_a_press_are_not_mixed(stage: Stage) -> None:
    """Slack takes its time to say who is in which group; the rules are read after that, and once."""
    await asked(stage)

    async def change() -> None:
        stage.flow.rulebook.put(some_rules(digest="d2"))

    stage.meddler.before("fetch_group", change)
    await stage.vote(await stage.run(), BEN)
    assert (await stage.run()).state is RunState.WAITING
    assert "asked anew" in stage.told(BEN)[0]
    assert stage.hosting.posts == []


async def test_environment_taken_since_the_ask_leaves_it_waiting(stage: Stage) -> None:
    await asked(stage)
    await stage.ask("restart prod", BEN)
    assert (await stage.run(2)).state is RunState.RUNNING
    await stage.vote(await stage.run(), ANA)
    assert (await stage.run()).state is RunState.WAITING
    assert await approval_state(stage) is ApprovalState.WAITING
    [told] = stage.told(ANA)
    assert "is busy" in told
    assert "#2" in told
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await stage.turn()
    await stage.vote(await stage.run(), ANA)
    assert (await stage.run()).state is RunState.RUNNING


async def test_two_approvals_granted_for_one_environment_at_the_same_instant_begin_one_run(
    stage: Stage,
) -> None:
    await stage.ask("deploy prod", CLEO)
    await stage.ask("deploy prod modules=sale", CLEO)
    runs = [await stage.run(1), await stage.run(2)]
    await asyncio.gather(*(stage.vote_now(run, voter) for run, voter in zip(runs, (ANA, BEN), strict=True)))
    await stage.settle()
    states = [(await stage.run(number)).state for number in (1, 2)]
    assert sorted(state.value for state in states) == ["running", "waiting"]
    assert len(stage.hosting.own_tasks) == 1
    [told] = stage.told(ANA) + stage.told(BEN)
    assert "is busy" in told
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await stage.turn()
    left = states.index(RunState.WAITING) + 1
    await stage.vote(await stage.run(left), ANA)
    assert (await stage.run(left)).state is RunState.RUNNING


async def test_environment_taken_does_not_keep_anybody_from_declining(stage: Stage) -> None:
    await asked(stage)
    await stage.ask("restart prod", BEN)
    await stage.vote(await stage.run(), ANA, approve=False)
    assert (await stage.run()).state is RunState.DECLINED


async def test_press_after_a_restart_counts(stage: Stage) -> None:
    await asked(stage)
    card = await stage.card()
    await stage.restart()
    await stage.press("Approve", card.now, BEN)
    assert (await stage.run()).state is RunState.RUNNING
    assert (await stage.card()).ref == card.ref


async def test_press_at_the_very_limit_comes_too_late(stage: Stage) -> None:
    await asked(stage)
    run = await stage.run()
    stage.clock.forward(minutes=15)
    await stage.vote(run, BEN)
    assert (await stage.run()).state is RunState.WAITING
    assert "expired" in stage.told(BEN)[0]
    await stage.flow.approvals.expire_once()
    await stage.settle()
    assert (await stage.run()).state is RunState.EXPIRED


async def test_approval_expires_at_the_limit_and_not_before(stage: Stage) -> None:
    await asked(stage)
    stage.clock.forward(seconds=(EXPIRY - timedelta(microseconds=1)).total_seconds())
    await stage.flow.approvals.expire_once()
    assert (await stage.run()).state is RunState.WAITING
    stage.clock.forward(microseconds=1)
    await stage.flow.approvals.expire_once()
    await stage.settle()
    assert (await stage.run()).state is RunState.EXPIRED
    assert await approval_state(stage) is ApprovalState.EXPIRED
    card, [end] = await stage.card(), stage.ends()
    assert "Approve" not in buttons_of(card.now)
    assert "nobody decided in time" in words_of(end.now)


async def test_press_after_expiry_is_told_so(stage: Stage) -> None:
    await asked(stage)
    stage.clock.forward(minutes=15)
    await stage.flow.approvals.expire_once()
    await stage.vote(await stage.run(), BEN)
    assert "expired" in stage.told(BEN)[0]
    assert stage.hosting.posts == []


async def test_approval_that_expired_while_the_bot_was_away_is_ended_in_its_first_turn(stage: Stage) -> None:
    await asked(stage)
    await stage.restart(hours=1)
    await stage.flow.approvals.expire_once()
    await stage.settle()
    assert (await stage.run()).state is RunState.EXPIRED
    assert "I was away for" in words_of((await stage.card()).now)
    [end] = stage.ends()
    assert "nobody decided in time, by" in words_of(end.now)
    assert "I was away for" in words_of(end.now)


async def test_approval_that_waits_through_an_absence_expires_when_it_was_said_to(stage: Stage) -> None:
    await asked(stage)
    approval = await stage.store.find_approval(RunId(1))
    await stage.restart(minutes=10)
    assert await stage.store.find_approval(RunId(1)) == approval
    stage.clock.forward(minutes=4, seconds=59)
    await stage.flow.approvals.expire_once()
    assert (await stage.run()).state is RunState.WAITING
    stage.clock.forward(seconds=1)
    await stage.flow.approvals.expire_once()
    assert (await stage.run()).state is RunState.EXPIRED


async def test_press_delivered_again_counts_once(stage: Stage) -> None:
    await asked(stage)
    run = await stage.run()
    press = a_press(buttons.APPROVE, run.handle, BEN)
    await asyncio.gather(*(stage.flow.desk.press(press) for _ in range(5)))
    await stage.settle()
    assert len(stage.hosting.posts) == 1
    assert stage.told(BEN) == []


async def test_modal_delivered_again_counts_once_and_gets_the_same_answer(stage: Stage) -> None:
    await asked(stage)
    run = await stage.run()
    submission = a_submission(buttons.DECLINE_MODAL, run.handle, {buttons.REASON_FIELD: "no"}, GUS)
    first = await stage.flow.desk.submit(submission)
    again = await stage.flow.desk.submit(submission)
    assert first
    assert again == first
    assert (await stage.entries()).count("VoteRefused") == 1
    submission = a_submission(buttons.DECLINE_MODAL, run.handle, {buttons.REASON_FIELD: "no"}, BEN)
    assert await stage.flow.desk.submit(submission) is None
    assert await stage.flow.desk.submit(submission) is None
    await stage.settle()
    assert (await stage.run()).state is RunState.DECLINED


@pytest.mark.parametrize(
    "who", [GUS, DORA, replace(BEN, team_id=FOREIGN)], ids=["guest", "deactivated", "foreign"]
)
async def test_outsider_cannot_vote_even_when_in_the_group(stage: Stage, who: Person) -> None:
    await asked(stage)
    run = await stage.run()
    stage.chat.people[DORA.user_id] = DORA
    await stage.vote(run, who)
    told = stage.told(who)
    await stage.vote(run, who, approve=False)
    if who is DORA:  # the rules list her by her id, and so she counts
        assert (await stage.run()).approvers == (DORA.user_id,)
        return
    assert (await stage.run()).state is RunState.WAITING
    assert "Only people of this team may decide #1" in told[0]
    assert stage.hosting.posts == []


async def test_guest_cannot_withdraw_for_the_requester(stage: Stage) -> None:
    await asked(stage)
    impostor = replace(CLEO, team_id=FOREIGN)
    await stage.vote(await stage.run(), impostor, approve=False)
    assert (await stage.run()).state is RunState.WAITING


@pytest.mark.parametrize("silent", ["person U0BEN", "person U0CLEO"])
async def test_slack_not_telling_who_somebody_is_decides_nothing(stage: Stage, silent: str) -> None:
    await asked(stage)
    run = await stage.run()
    stage.chat.refuses(silent, ChatUnavailableError("timeout"))
    await stage.vote(run, BEN)
    assert "Slack does not tell me" in stage.told(BEN)[0]
    said = await stage.submit(buttons.DECLINE_MODAL, run.handle, {buttons.REASON_FIELD: "no"}, BEN)
    assert said == {buttons.REASON_FIELD: answers.UNKNOWN_PERSON}
    assert (await stage.run()).state is RunState.WAITING
    assert await stage.entries() == ["Asked"]
    stage.chat.relents(silent)
    await stage.vote(run, BEN)
    assert (await stage.run()).state is RunState.RUNNING


async def test_user_group_that_slack_does_not_tell_is_not_called_a_change_of_the_rules(stage: Stage) -> None:
    rules = some_rules()
    in_group = replace(rules.channels[DEPLOYS][0], who=rules.approvals[0].by)
    stage.flow.rulebook.put(replace(rules, channels={DEPLOYS: (in_group,)}))
    await stage.ask("deploy prod", ANA)
    stage.chat.refuses("group", ChatUnavailableError("timeout"))
    await stage.vote(await stage.run(), BEN)
    assert (await stage.run()).state is RunState.WAITING
    assert "Slack does not tell me" in stage.told(BEN)[0]


async def test_withdrawal_hangs_on_no_group(stage: Stage) -> None:
    rules = some_rules()
    in_group = replace(rules.channels[DEPLOYS][0], who=rules.approvals[0].by)
    stage.flow.rulebook.put(replace(rules, channels={DEPLOYS: (in_group,)}))
    await stage.ask("deploy prod", ANA)
    stage.chat.refuses("group", ChatUnavailableError("timeout"))
    await stage.vote(await stage.run(), ANA, approve=False)
    assert (await stage.run()).state is RunState.WITHDRAWN


async def test_requester_cannot_approve_but_can_withdraw(stage: Stage) -> None:
    await stage.ask("deploy prod", ANA)
    run = await stage.run()
    await stage.vote(run, ANA)
    assert "You asked for #1 yourself" in stage.told(ANA)[0]
    await stage.vote(run, ANA, approve=False)
    assert (await stage.run()).state is RunState.WITHDRAWN
    assert await approval_state(stage) is ApprovalState.WITHDRAWN
    assert stage.hosting.posts == []


async def test_decline_opens_a_form_only_for_those_who_may(stage: Stage) -> None:
    await asked(stage)
    card = await stage.card()
    await stage.press("Decline", card.now, GUS)
    assert stage.chat.modals == []
    await stage.press("Decline", card.now, BEN)
    [(_, modal)] = stage.chat.modals
    assert (modal.kind, modal.submit) == (buttons.DECLINE_MODAL, "Decline")


async def test_requester_who_declines_is_asked_to_withdraw(stage: Stage) -> None:
    await asked(stage)
    await stage.press("Decline", (await stage.card()).now, CLEO)
    [(_, modal)] = stage.chat.modals
    assert (modal.kind, modal.submit) == (buttons.DECLINE_MODAL, "Withdraw")


@pytest.mark.parametrize(("text", "label"), [("deploy prod", "Decline"), ("reinit dev sale", "Approve")])
async def test_form_that_slack_no_longer_opens_can_be_opened_again(
    stage: Stage, text: str, label: str
) -> None:
    await stage.ask(text, CLEO)
    stage.chat.refuses("modal", "expired_trigger_id", times=2)
    await stage.press(label, (await stage.card()).now, BEN)
    for _ in range(2):
        assert stage.chat.modals == []
        assert "did not open" in stage.told(BEN)[-1]
        assert (await stage.run()).state is RunState.WAITING
        await stage.press("Open again", stage.chat.answers[-1][1], BEN)
    [(_, modal)] = stage.chat.modals
    assert modal.subject.startswith((await stage.run()).handle)


async def test_destroying_action_wants_the_name_typed(stage: Stage) -> None:
    await stage.ask("reinit dev sale", CLEO)
    run, card = await stage.run(), await stage.card()
    await stage.press("Approve", card.now, BEN)
    [(_, modal)] = stage.chat.modals
    assert modal.kind == buttons.TYPED_MODAL
    wrong = await stage.submit(modal.kind, modal.subject, {buttons.NAME_FIELD: "prod"}, BEN)
    assert "dev" in wrong[buttons.NAME_FIELD]
    assert stage.hosting.posts == []
    assert await stage.submit(modal.kind, modal.subject, {buttons.NAME_FIELD: " dev "}, BEN) == {}
    assert (await stage.run()).state is RunState.RUNNING
    assert modal.subject.startswith(run.handle)


async def test_plain_press_on_what_wants_the_name_typed_triggers_nothing(stage: Stage) -> None:
    await stage.ask("reinit dev sale", CLEO)
    await stage.vote(await stage.run(), BEN)
    assert (await stage.run()).state is RunState.WAITING
    assert stage.hosting.posts == []


async def test_modal_of_an_unknown_kind_decides_nothing(stage: Stage) -> None:
    await asked(stage)
    said = await stage.submit("of_an_older_version", (await stage.run()).handle, {}, BEN)
    assert said
    assert (await stage.run()).state is RunState.WAITING


async def test_press_on_a_run_nobody_knows_is_answered(stage: Stage) -> None:
    await stage.flow.desk.press(a_press(buttons.APPROVE, "no-such-handle", BEN))
    assert "belongs to another installation" in stage.told(BEN)[0]


# The environment under its new names


def rules_that_name(environment: Environment) -> Rules:
    """A new version that says something else of one environment."""
    rules = some_rules("d2")
    others = [one for one in rules.catalog.environments if one.id != environment.id]
    return replace(rules, catalog=Catalog((environment, *others)))


async def type_name(stage: Stage, form: Modal, name: str) -> dict[str, str]:
    """Ben sends the form with a name."""
    return await stage.submit(buttons.TYPED_MODAL, form.subject, {buttons.NAME_FIELD: name}, BEN)


async def test_environment_protected_since_the_ask_is_not_destroyed_by_whoever_says_everything(
    stage: Stage,
) -> None:
    await stage.ask("reinit dev sale")
    stage.flow.rulebook.put(rules_that_name(replace(DEV, protected=True)))
    await stage.vote(await stage.run(), BEN)
    assert (await stage.run()).state is RunState.DROPPED
    assert stage.hosting.posts == []


async def test_environment_renamed_since_the_ask_is_shown_and_typed_by_its_new_name(stage: Stage) -> None:
    stage.flow.rulebook.learn_names([EnvironmentReport(DEV.id, "development", "Client ERP", None)])
    await stage.ask("reinit dev sale")
    stage.flow.rulebook.learn_names([])
    stage.flow.rulebook.put(rules_that_name(replace(DEV, alias="attic", protected=False)))
    await stage.flow.approvals.renew_once()
    await stage.settle()
    run = await stage.run()
    assert run.change.environment == replace(
        DEV, alias="attic", project="Client ERP", platform_name="development"
    )
    assert "`attic`" in words_of((await stage.card()).now)
    assert "Asked anew at" in words_of((await stage.card()).now)
    await stage.press("Approve", (await stage.card()).now, BEN)
    [(_, form)] = stage.chat.modals
    assert "attic" in (await type_name(stage, form, "dev"))[buttons.NAME_FIELD]
    assert await type_name(stage, form, "attic") == {}
    assert (await stage.run()).state is RunState.RUNNING


async def test_environment_that_the_rules_no_longer_name_is_not_waited_for(stage: Stage) -> None:
    await stage.ask("reinit dev sale")
    without = [one for one in some_rules().catalog.environments if one.id != DEV.id]
    lines = {
        channel: tuple(replace(right, environments=right.environments - {DEV.id}) for right in rights)
        for channel, rights in some_rules().channels.items()
    }
    stage.flow.rulebook.put(replace(some_rules("d2"), catalog=Catalog(tuple(without)), channels=lines))
    await stage.flow.approvals.renew_once()
    assert (await stage.run()).state is RunState.DROPPED


# Who everybody is at the press


async def test_approver_who_left_the_group_since_slack_was_last_asked_approves_nothing(stage: Stage) -> None:
    await asked(stage)
    stage.chat.remembered_groups = dict(stage.chat.groups)
    stage.chat.groups = {group: members - {BEN.user_id} for group, members in stage.chat.groups.items()}
    await stage.vote(await stage.run(), BEN)
    assert (await stage.run()).state is RunState.WAITING
    assert "may not decide" in stage.told(BEN)[-1]


@pytest.mark.parametrize("now", [replace(BEN, is_deactivated=True), replace(BEN, is_guest=True)])
async def test_approver_who_is_no_member_any_more_approves_nothing(stage: Stage, now: Person) -> None:
    await asked(stage)
    stage.chat.remembered = dict(stage.chat.people)
    stage.chat.people[BEN.user_id] = now
    await stage.vote(await stage.run(), BEN)
    assert (await stage.run()).state is RunState.WAITING


@pytest.mark.parametrize("by", [GUS, replace(BEN, team_id=FOREIGN), CLEO, LEA])
async def test_press_of_somebody_whose_vote_cannot_count_asks_slack_nothing_anew(
    stage: Stage, by: Person
) -> None:
    """Its limits are for all: else a guest could have others' votes stand on memory."""
    await asked(stage)
    await stage.vote(await stage.run(), by)
    assert stage.chat.asked_anew == []
    await stage.vote(await stage.run(), BEN)
    assert stage.chat.asked_anew != []


async def test_decline_without_a_reason_is_asked_for_one_and_a_withdrawal_is_not(stage: Stage) -> None:
    await asked(stage)
    handle = (await stage.run()).handle
    for nothing in ({buttons.REASON_FIELD: "   "}, {}):
        told = await stage.submit(buttons.DECLINE_MODAL, handle, nothing, BEN)
        assert "Say why not" in told[buttons.REASON_FIELD]
    assert (await stage.run()).state is RunState.WAITING
    assert await stage.submit(buttons.DECLINE_MODAL, handle, {}, CLEO) == {}
    run = await stage.run()
    assert (run.state, run.decline_reason) == (RunState.WITHDRAWN, None)


async def test_nothing_is_done_in_the_name_of_who_has_left_since_they_asked(stage: Stage) -> None:
    await asked(stage)
    stage.chat.remembered = dict(stage.chat.people)
    stage.chat.people[CLEO.user_id] = replace(CLEO, is_deactivated=True)
    await stage.vote(await stage.run(), BEN)
    assert (await stage.run()).state is RunState.DROPPED
    assert stage.hosting.posts == []
    card = words_of((await stage.card()).now)
    assert "who asked for it may no longer do so" in card
    assert "rules have changed" not in card
    assert "asked for #1 and may no longer do so" in stage.told(BEN)[-1]


@pytest.mark.parametrize("unknown", [BEN, CLEO])
async def test_vote_on_which_slack_does_not_tell_anew_says_as_of_when_people_were_known(
    stage: Stage, unknown: Person
) -> None:
    """Whoever votes, and whoever asked: the vote hangs on both."""
    await asked(stage)
    stage.chat.people_stale_for = {
        unknown.user_id: timedelta(minutes=20),
        DORA.user_id: timedelta(minutes=50),
    }
    await stage.vote(await stage.run(), BEN)
    [voted] = [one.entry for one in await stage.store.find_entries(RunId(1)) if isinstance(one.entry, Voted)]
    assert voted.known_as_of == stage.clock.now() - timedelta(minutes=20)
