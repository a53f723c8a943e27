"""The process dies at any line: at the k-th crossing of a port, for every k there is, and another one takes over.

The crossings are found by playing the story once undisturbed: the calls of Slack, of oec.sh and of the database. Dying
on the way in, a call was never made; dying on the way out, it was made and nobody here knows.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from shutil import copy

import pytest

from bot.core.errors import HostingUnavailableError
from bot.core.names import MessageTs
from bot.core.pleas import PleaState
from bot.core.runs import Run, RunState
from bot.core.tasks import TaskStatus
from bot.flow.news import CALLS, earlier_calls, wanted_slots
from bot.flow.ports import PleaSlot, SlotKind
from bot.history.store import HistoryStore
from bot.views import buttons
from bot.views.pleas import render_plea
from bot.views.runs import render_card
from tests.flow.stage import Stage, buttons_of, find_button, words_of
from tests.support.factories import (
    ANA,
    BEN,
    CLEO,
    STAGING,
    SUPPORT,
    a_press,
    a_submission,
    an_ask,
    calling_rules,
    rules_for,
)
from tests.support.fakes import Died, Meddler

DONE, FAILED, WAITING = RunState.DONE, RunState.FAILED, RunState.WAITING

Act = Callable[[Stage], Awaitable[None]]


async def nothing(stage: Stage) -> None:
    """The history is empty."""


async def ask(stage: Stage) -> None:
    """An ask that needs no approval, from its first word to the platform's task."""
    await stage.flow.desk.ask(an_ask("restart staging", CLEO))


async def ask_in_thread(stage: Stage) -> None:
    """The same inside a thread, where the card is the progress message too."""
    await stage.flow.desk.ask(an_ask("restart staging", CLEO, thread=MessageTs("1789000000.000001")))


async def ask_for_approval(stage: Stage) -> None:
    """An ask that needs approval, until its card stands."""
    await stage.flow.desk.ask(an_ask("deploy prod", ANA))


async def an_approval_waits(stage: Stage) -> None:
    """A deploy waits for approval."""
    await stage.ask("deploy prod", ANA)


async def approve(stage: Stage) -> None:
    """The press that approves it."""
    await stage.flow.desk.press(a_press(buttons.APPROVE, (await stage.run()).handle, BEN))


async def decline(stage: Stage) -> None:
    """The form that declines it."""
    handle, values = (await stage.run()).handle, {buttons.REASON_FIELD: "not today"}
    await stage.flow.desk.submit(a_submission(buttons.DECLINE_MODAL, handle, values, BEN))


async def an_approval_is_over(stage: Stage) -> None:
    """Nobody decided in time."""
    await an_approval_waits(stage)
    stage.clock.forward(minutes=15)


async def two_have_to_approve(stage: Stage) -> None:
    """A deploy waits for two approvers."""
    stage.rules = rules_for(2)
    stage.flow.rulebook.put(stage.rules)
    await stage.ask("deploy prod", CLEO)


async def one_of_two_has_approved(stage: Stage) -> None:
    """A deploy waits for the second of two approvers."""
    await two_have_to_approve(stage)
    await stage.vote(await stage.run(), ANA)


async def claim(stage: Stage) -> None:
    """The press that says that somebody looks into it."""
    await stage.flow.desk.press(a_press(buttons.LOOKING, (await stage.run()).handle, BEN))


async def a_claim_is_over(stage: Stage) -> None:
    """Somebody said ten minutes ago that they look into it."""
    await an_approval_waits(stage)
    await claim(stage)
    stage.clock.forward(minutes=10)


async def rules_have_changed(stage: Stage) -> None:
    """A deploy of which one of two approvers has approved waits while the rules change."""
    await one_of_two_has_approved(stage)
    stage.rules = rules_for(2, digest="d2")


async def ask_anew(stage: Stage) -> None:
    """The start that finds it, and asks anew."""
    await stage.flow.approvals.renew_once()


async def expire(stage: Stage) -> None:
    """The turn that lets it expire, or a claim."""
    await stage.flow.approvals.expire_once()


async def half_the_time_is_over(stage: Stage) -> None:
    """Nobody has decided by half-time."""
    await an_approval_waits(stage)
    stage.clock.forward(minutes=8)


async def approvers_were_called(stage: Stage) -> None:
    """Nor after the call, which stands in the thread."""
    await half_the_time_is_over(stage)
    await call(stage)
    await stage.settle()


async def nobody_decides(stage: Stage) -> None:
    """Nor until others are to be called."""
    stage.rules = calling_rules()
    stage.flow.rulebook.put(stage.rules)
    await approvers_were_called(stage)
    stage.clock.forward(minutes=3)


async def rules_change_after_all_were_called(stage: Stage) -> None:
    """Approvers were called and others as well, and then the rules change."""
    await nobody_decides(stage)
    await call(stage)
    await stage.settle()
    stage.rules = replace(stage.rules, digest="d2")


async def nobody_decides_what_was_asked_anew(stage: Stage) -> None:
    """It was asked anew, and the approvers called once more; nor does anybody decide until others are to be."""
    await rules_change_after_all_were_called(stage)
    stage.flow.rulebook.put(stage.rules)
    await ask_anew(stage)
    stage.clock.forward(minutes=8)
    await call(stage)
    await stage.settle()
    stage.clock.forward(minutes=3)


async def call(stage: Stage) -> None:
    """The turn that calls people."""
    await stage.flow.reminders.remind_once()


async def call_by_rules_that_are_outdated(stage: Stage) -> None:
    """The same, while rules that the next start reads are being saved."""
    stage.rules = replace(stage.rules, digest="d2")
    await call(stage)


async def a_task_has_failed(stage: Stage) -> None:
    """A task has ended badly at the platform, and nobody has looked yet."""
    await stage.ask("restart staging", CLEO)
    stage.hosting.moves(stage.task, TaskStatus.RUNNING, steps_completed=3, progress_percent=25)
    await stage.turn()
    stage.hosting.moves(stage.task, TaskStatus.FAILED, error_message="no space left")
    stage.clock.forward(seconds=2)


async def look(stage: Stage) -> None:
    """The look that tells of the end."""
    await stage.flow.tracker.look_once()


async def an_answer_was_lost(stage: Stage) -> None:
    """The platform acted, its answer was lost, and the bot is about to start again."""
    lost = HostingUnavailableError("timeout", may_have_acted=True)
    stage.hosting.fails_next(lost, after_acting=True)
    await stage.ask("restart staging", CLEO)
    stage.clock.forward(minutes=5)


async def resume(stage: Stage) -> None:
    """The start after an absence, and its first turn."""
    await stage.flow.tracker.resume(await stage.store.find_alive())
    await stage.flow.tracker.look_once()


async def something_is_in_the_way(stage: Stage) -> None:
    """A task that was started elsewhere has stopped a run of ours."""
    stage.hosting.begins_elsewhere(STAGING.id)
    await stage.ask("restart staging", CLEO)


async def follow_it(stage: Stage) -> None:
    """The press that follows it."""
    await stage.flow.desk.press(a_press(buttons.FOLLOW_TASK, (await stage.run()).handle, CLEO))


async def a_key_was_outlived(stage: Stage) -> None:
    """The platform acted, its answer was lost, and nobody could ask again while it remembered the key."""
    await an_answer_was_lost(stage)
    stage.clock.forward(hours=24)


async def an_ask_left_no_trace(stage: Stage) -> None:
    """The same, but the platform never heard of it."""
    stage.hosting.fails_next(HostingUnavailableError("timeout", may_have_acted=True))
    await stage.ask("restart staging", CLEO)
    stage.clock.forward(hours=24)


async def an_ask_stays_without_an_answer(stage: Stage) -> None:
    """The platform began it, and says nothing about it for longer than a person waits."""
    lost = HostingUnavailableError("timeout", may_have_acted=True)
    stage.hosting.fails_next(lost, after_acting=True)
    stage.hosting.fails_next(lost, times=1_000)
    stage.hosting.listing_trouble = lost
    await stage.ask("restart staging", CLEO)
    for _ in range(7):
        await stage.turn(seconds=5)


async def give_it_up(stage: Stage) -> None:
    """The answer to the question whether it is meant."""
    stage.hosting.forgives()
    stage.hosting.listing_trouble = None
    handle = (await stage.run()).handle
    await stage.flow.desk.submit(a_submission(buttons.GIVE_UP_MODAL, handle, {}, BEN))


async def somebody_was_refused(stage: Stage) -> None:
    """Cleo may not stop staging from #support, and is offered to ask those who may."""
    await stage.ask("stop staging", CLEO, channel=SUPPORT)


async def plead(stage: Stage) -> None:
    """The press that asks them."""
    kind, button_id = find_button(stage.chat.answers[-1][1], "Ask someone who may")
    await stage.flow.desk.press(a_press(kind, button_id, CLEO, channel=SUPPORT))


async def somebody_asks_those_who_may(stage: Stage) -> None:
    """It stands in #deploys."""
    await somebody_was_refused(stage)
    await plead(stage)
    await stage.settle()


async def take_on(stage: Stage) -> None:
    """The press of somebody who may."""
    [plea] = await stage.store.find_open_pleas()
    await stage.flow.desk.press(a_press(buttons.PLEA, plea.id, BEN))


async def take_back(stage: Stage) -> None:
    """Whoever asked wants it no more."""
    [plea] = await stage.store.find_open_pleas()
    await stage.flow.desk.press(a_press(buttons.PLEA_BACK, plea.id, CLEO))


async def nobody_takes_it_on(stage: Stage) -> None:
    """An hour has gone by."""
    await somebody_asks_those_who_may(stage)
    stage.clock.forward(hours=1)


async def let_pleas_expire(stage: Stage) -> None:
    """The turn that ends it."""
    await stage.flow.plea_messages.mend_once()


@dataclass(frozen=True, slots=True)
class Story:
    """What was before, what the process dies in, and how the runs may stand in the end."""

    before: Act
    act: Act
    ends: frozenset[tuple[RunState, ...]]


def story(before: Act, act: Act, *ends: tuple[RunState, ...]) -> Story:
    """A story with these ends."""
    return Story(before, act, frozenset(ends))


STORIES = {
    "ask": story(nothing, ask, (), (DONE,)),
    "ask in a thread": story(nothing, ask_in_thread, (), (DONE,)),
    "ask for approval": story(nothing, ask_for_approval, (), (WAITING,)),
    "approve": story(an_approval_waits, approve, (WAITING,), (DONE,)),
    "decline": story(an_approval_waits, decline, (WAITING,), (RunState.DECLINED,)),
    "approve as the first of two": story(two_have_to_approve, approve, (WAITING,)),
    "approve as the last of two": story(one_of_two_has_approved, approve, (WAITING,), (DONE,)),
    "claim": story(an_approval_waits, claim, (WAITING,)),
    "let a claim lapse": story(a_claim_is_over, expire, (WAITING,)),
    "ask anew": story(rules_have_changed, ask_anew, (WAITING,)),
    "expire": story(an_approval_is_over, expire, (RunState.EXPIRED,)),
    "remind": story(half_the_time_is_over, call, (WAITING,)),
    "approve what people were called for": story(approvers_were_called, approve, (WAITING,), (DONE,)),
    "escalate": story(nobody_decides, call, (WAITING,)),
    "ask anew what people were called for": story(rules_change_after_all_were_called, ask_anew, (WAITING,)),
    "escalate what was asked anew": story(nobody_decides_what_was_asked_anew, call, (WAITING,)),
    "escalate while the rules change": story(nobody_decides, call_by_rules_that_are_outdated, (WAITING,)),
    "plead": story(somebody_was_refused, plead, ()),
    "take a plea on": story(somebody_asks_those_who_may, take_on, (), (DONE,)),
    "take a plea back": story(somebody_asks_those_who_may, take_back, ()),
    "let a plea expire": story(nobody_takes_it_on, let_pleas_expire, ()),
    "look": story(a_task_has_failed, look, (FAILED,)),
    "resume": story(an_answer_was_lost, resume, (DONE,)),
    "look up what was begun": story(a_key_was_outlived, resume, (DONE,)),
    "look up what was not": story(an_ask_left_no_trace, resume, (RunState.REFUSED,)),
    "give up": story(an_ask_stays_without_an_answer, give_it_up, (RunState.LOST,), (DONE,)),
    "follow": story(something_is_in_the_way, follow_it, (RunState.REFUSED,), (RunState.REFUSED, DONE)),
}


async def until_gone(stage: Stage, act: Act) -> None:
    """Do it until everything has come to rest, or until the process is gone."""
    try:
        await act(stage)
    except (Died, ExceptionGroup):
        assert stage.meddler.is_dead
    await stage.settle()


async def come_to_an_end(stage: Stage) -> None:
    """Turns go by, and the platform gets on with its tasks; people do nothing about it."""
    await stage.flow.approvals.renew_once()
    await stage.flow.tracker.resume(await stage.store.find_alive())
    for _ in range(3):
        await stage.turn(seconds=10)
        await stage.flow.approvals.expire_once()
        await stage.flow.reminders.remind_once()
        await stage.flow.cards.redraw_stale_once()
        await stage.flow.plea_messages.mend_once()
        await stage.settle()
        await stage.flow.mending.mend_once()
        for task in stage.hosting.tasks.values():
            if not task.report.status.is_terminal:
                stage.hosting.moves(task.id, TaskStatus.COMPLETED)


async def check_truth(stage: Stage, ends: frozenset[tuple[RunState, ...]]) -> None:
    """No ask became two tasks, every run that was allowed has ended, and people see each as it is."""
    environments = frozenset(environment.id for environment in stage.rules.catalog.environments)
    runs = sorted(await stage.store.find_runs(environments, count=50), key=lambda run: run.id)
    assert tuple(run.state for run in runs) in ends
    assert len(stage.hosting.own_tasks) <= 1
    assert len({post.key for post in stage.hosting.posts}) <= 1
    assert list(await stage.store.find_stale_slots()) == []
    for run in runs:
        await check_messages(stage, run)
    await check_pleas(stage)


async def check_pleas(stage: Stage) -> None:
    """A plea that was made stands once and shows how it is; its run is the only one, and says why."""
    assert list(await stage.store.find_stale_pleas()) == []
    for plea in await stage.store.find_pleas(stage.clock.now() - timedelta(days=1)):
        [message] = stage.chat.standing(PleaSlot(plea.number))
        assert words_of(message.now) == words_of(render_plea(plea))
        assert buttons_of(message.now) == buttons_of(render_plea(plea))
        assert (plea.state is PleaState.TAKEN) == (plea.run_id is not None)
        if plea.run_id is not None:
            assert (await stage.run(plea.run_id)).followers == (CLEO.user_id,)
            assert "PleaTaken" in await stage.entries(plea.run_id)


async def check_messages(stage: Stage, run: Run) -> None:
    """Each message stands once, and shows the newest state: a post that nobody wrote down was found again.

    What a refused run says of its obstacle is from when it was refused: it may be followed here since.
    """
    sight = replace(await stage.flow.cards.see(run), blocker=None)
    card, shown = await stage.card(run.id), render_card(sight)
    assert words_of(card.now) == words_of(shown)
    assert buttons_of(card.now) == buttons_of(shown)
    for slot in wanted_slots(run):
        assert len(stage.chat.standing(slot)) == 1, f"the {slot.name} stands once"
    for slot in (*(slot for slot in wanted_slots(run) if slot.kind in CALLS), *earlier_calls(run)):
        assert len(stage.chat.of(slot)) <= 1, "people are called once for each asking"
    for slot in earlier_calls(run):
        assert all("Over" in words_of(posted.now) for posted in stage.chat.of(slot)), "it asks no more"
    entries = await stage.entries(run.id)
    assert max(entries.count("ApproversReminded"), entries.count("ApprovalEscalated")) <= run.asking


async def play(path: Path, told: Story, *, dies_at: int | None = None, unheard: bool = False) -> list[str]:
    """Play a story in which the process dies at this crossing, if at any; the crossings there were.

    With `unheard`, the first post of each kind of message that the process makes is carried out without an answer.
    """
    stage = Stage.build(path)
    try:
        await told.before(stage)
        await stage.reopen(Meddler(dies_at=dies_at))
        for kind in SlotKind if unheard else ():
            stage.chat.loses_answer(kind)
        await until_gone(stage, told.act)
        crossings = list(stage.meddler.calls)
        await stage.reopen(Meddler())
        await come_to_an_end(stage)
        await check_truth(stage, told.ends)
        return crossings
    finally:
        await stage.close()


@pytest.mark.parametrize(
    ("name", "unheard"),
    [*((name, False) for name in STORIES), ("ask", True), ("look", True), ("remind", True), ("plead", True)],
)
async def test_process_that_dies_at_any_crossing_leaves_nothing_twice_and_nothing_lost(
    name: str, unheard: bool, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.db"
    HistoryStore.open(empty).close()
    undisturbed = Path(copy(empty, tmp_path / "undisturbed.db"))
    crossings = await play(undisturbed, STORIES[name], unheard=unheard)
    assert len(crossings) > 5
    for number, crossing in enumerate(crossings, start=1):
        path = Path(copy(empty, tmp_path / f"{number}.db"))
        try:
            await play(path, STORIES[name], dies_at=number, unheard=unheard)
        except AssertionError as error:
            error.add_note(f"where the process died {crossing}, crossing {number} of {len(crossings)}")
            raise
