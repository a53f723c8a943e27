"""Any story of approvals: votes, claims, forms, new rules, people who come and go, nights, kills, in any order."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.names import GroupId, UserId
from bot.core.policy import Person
from bot.core.rules import Rules
from bot.core.runs import Run
from bot.views import buttons
from tests.flow.stage import Stage
from tests.flow.test_any_story import Step, ask, find_runs, go_on, play, restart, step
from tests.support.factories import (
    ANA,
    BEN,
    CLEO,
    GUS,
    HOME,
    LEA,
    LEADS,
    RELEASE,
    a_press,
    a_submission,
    calling_rules,
    rules_without,
)
from tests.support.fakes import Died, Meddler

ELLA = Person(UserId("U0ELLA"), HOME, time_zone="America/New_York", name="Ella")
PEOPLE = (
    replace(ANA, time_zone="Asia/Tokyo"),
    replace(BEN, time_zone="Europe/Berlin"),
    CLEO,
    ELLA,
    LEA,
    GUS,
)
"""Five of the team, some of them asleep at any hour, and a guest."""


def rules_of(count: int, *, hours: float, typed: bool, own: bool, barred: Person | None) -> Rules:
    """Deploying `prod` needs so many releasers; leads as well after a while."""
    rules = calling_rules()
    [approval] = rules.approvals
    approval = replace(
        approval,
        count=count,
        expires=timedelta(hours=hours),
        typed=frozenset({"deploy"}) if typed else frozenset(),
        requester_may_approve=own,
    )
    rules = replace(rules, approvals=(approval,), digest=f"{count} {hours} {typed} {own} {barred}")
    return rules_without(rules, barred) if barred is not None else rules


people = st.sampled_from(PEOPLE)
rule_books = st.builds(
    rules_of,
    st.sampled_from([1, 2, 2, 2, 3]),
    hours=st.sampled_from([0.25, 12, 12]),
    typed=st.sampled_from([False, False, True]),
    own=st.booleans(),
    barred=st.sampled_from([None, None, None, None, CLEO]),
)
members = st.frozensets(st.sampled_from([one.user_id for one in PEOPLE]), max_size=5)


async def begin(stage: Stage) -> None:
    """Cleo's deploy waits for two of Ana, Ben and Ella."""
    stage.chat.people |= {one.user_id: one for one in PEOPLE}
    stage.chat.groups |= {RELEASE: frozenset({ANA.user_id, BEN.user_id, ELLA.user_id, GUS.user_id})}
    await change_rules(stage, rules_of(2, hours=12, typed=False, own=False, barred=None), is_asked_anew=True)
    await stage.ask("deploy prod", CLEO)


async def find_one(stage: Stage, nth: int) -> Run:
    """One of the runs, most often the newest."""
    runs = await find_runs(stage)
    return runs[-1 - nth % min(2, len(runs))]


def count_signs(stage: Stage) -> int:
    """How much people have seen so far: answers, forms, messages, and each state of these."""
    shown = sum(len(posted.states) for posted in stage.chat.screen)
    return len(stage.chat.answers) + len(stage.chat.modals) + shown


async def press(stage: Stage, kind: str, who: Person, nth: int, is_old: bool) -> None:
    """Somebody presses a button of a card, with the terms of now or those of whenever they looked; it is answered."""
    run = await find_one(stage, nth)
    approval = await stage.store.find_approval(run.id)
    terms = approval.fingerprint if approval is not None else ""
    button_id = buttons.with_terms(run.handle, "old" if is_old else terms)
    before = count_signs(stage)
    await stage.flow.desk.press(a_press(kind, button_id if kind == buttons.APPROVE else run.handle, who))
    await stage.settle()
    assert count_signs(stage) > before, "every press is answered"


async def decline(stage: Stage, who: Person, nth: int) -> None:
    """Somebody sends the form that declines, whenever it was opened."""
    run = await find_one(stage, nth)
    before = count_signs(stage)
    told = await stage.submit(buttons.DECLINE_MODAL, run.handle, {buttons.REASON_FIELD: "not today"}, who)
    assert told or count_signs(stage) > before, "every form is answered"


async def type_name(stage: Stage, who: Person, words: str) -> None:
    """Somebody sends the form that was opened last, whoever it was opened for."""
    if stage.chat.modals:
        _, modal = stage.chat.modals[-1]
        before = count_signs(stage)
        values = {buttons.NAME_FIELD: words, buttons.REASON_FIELD: words}
        told = await stage.submit(modal.kind, modal.subject, values, who)
        assert told or count_signs(stage) > before, "every form is answered"


async def press_at_once(stage: Stage, first: Person, second: Person, is_approved: bool) -> None:
    """Two people press in the same instant; each is answered."""
    run = await find_one(stage, 0)
    before = len(stage.chat.answers)
    kind = buttons.APPROVE if is_approved else buttons.LOOKING
    form = a_submission(buttons.DECLINE_MODAL, run.handle, {buttons.REASON_FIELD: "no"}, second)
    await asyncio.gather(
        stage.flow.desk.press(a_press(kind, run.handle, first)), stage.flow.desk.submit(form)
    )
    await stage.settle()
    assert len(stage.chat.answers) >= before


async def change_rules(stage: Stage, rules: Rules, is_asked_anew: bool) -> None:
    """The rules file is saved, and what waits is asked anew, at once or with the next press."""
    stage.rules = rules
    stage.flow.rulebook.put(rules)
    if is_asked_anew:
        await stage.flow.approvals.renew_once()
        await stage.settle()


async def regroup(stage: Stage, group: GroupId, users: frozenset[UserId]) -> None:
    """People join a group and leave it."""
    stage.chat.groups |= {group: users}


async def leave(stage: Stage, who: Person) -> None:
    """Somebody leaves every group."""
    stage.chat.groups = {group: users - {who.user_id} for group, users in stage.chat.groups.items()}


async def fall_ill(stage: Stage, until_turn: int, after: int) -> None:
    """Slack takes no message for a while, in which a turn calls people, and then everything that waits."""
    stage.chat.falls_ill()
    stage.clock.forward(seconds=until_turn)
    await stage.flow.reminders.remind_once()
    stage.clock.forward(seconds=after)
    stage.chat.recovers()
    await stage.settle()


async def die(stage: Stage, at: int, who: Person, kind: str) -> None:
    """The process dies while somebody presses and every turn is taken."""
    run = await find_one(stage, 0)
    await stage.reopen(Meddler(dies_at=at))
    try:
        await stage.flow.desk.press(a_press(kind, run.handle, who))
        await go_on(stage, 400)
    except (Died, ExceptionGroup):
        assert stage.meddler.is_dead
    await stage.settle()
    await stage.restart(seconds=3)
    await stage.flow.approvals.renew_once()
    await go_on(stage, 40)


kinds = st.sampled_from([buttons.APPROVE, buttons.APPROVE, buttons.DECLINE, buttons.LOOKING, buttons.RETRY])
releasers = st.sampled_from(
    [one for one in PEOPLE if one.user_id in {ANA.user_id, BEN.user_id, ELLA.user_id}]
)
now, ever = st.just(value=False), st.booleans()
steps = st.one_of(
    step(press, kind=st.just(buttons.APPROVE), who=releasers, nth=st.just(0), is_old=now),
    step(press, kind=st.just(buttons.APPROVE), who=releasers, nth=st.just(0), is_old=now),
    step(press, kind=st.just(buttons.APPROVE), who=people, nth=st.just(0), is_old=now),
    step(press, kind=kinds, who=people, nth=st.integers(0, 1), is_old=ever),
    step(decline, who=st.sampled_from([ANA, CLEO, GUS]), nth=st.integers(0, 1)),
    step(type_name, who=people, words=st.sampled_from(["prod", "Prod ", "no"])),
    step(press_at_once, first=releasers, second=people, is_approved=st.booleans()),
    step(ask, who=st.sampled_from([ANA, CLEO, LEA]), text=st.just("deploy prod")),
    step(change_rules, rules=rule_books, is_asked_anew=st.booleans()),
    step(regroup, group=st.sampled_from([RELEASE, LEADS]), users=members),
    step(go_on, span=st.sampled_from([1, 300, 460, 640])),
    step(go_on, span=st.sampled_from([40, 640, 6_000, 30_000])),
    step(leave, who=releasers),
    step(
        fall_ill,
        until_turn=st.sampled_from([1, 640, 640, 22_000]),
        after=st.sampled_from([1, 400, 12_000, 30_000]),
    ),
    step(restart, span=st.sampled_from([3, 400, 30_000])),
    step(die, at=st.integers(1, 60), who=releasers, kind=kinds),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, min_size=6, max_size=16))
def test_any_story_of_approvals_ends_well(story: list[Step]) -> None:
    asyncio.run(play(story, begin))
