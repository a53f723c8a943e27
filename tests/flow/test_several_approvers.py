"""Approvals by several, and claims: who counts is judged at each press, whatever changes in the same moment."""

import asyncio
from dataclasses import replace

import pytest

from bot.core.approvals import Approval
from bot.core.entries import Consented, Voted
from bot.core.errors import ChatUnavailableError
from bot.core.names import RunId, UserId
from bot.core.policy import Person
from bot.core.runs import RunState
from bot.views import buttons
from tests.flow.stage import Stage, words_of
from tests.support.factories import ANA, BEN, CLEO, GUS, HOME, RELEASE, a_press, rules_for, some_rules

ELLA = Person(UserId("U0ELLA"), HOME, name="Ella")
"""A third releaser."""


async def asked(stage: Stage, *, count: int = 2) -> None:
    """Cleo asks to deploy `prod`, which so many releasers have to approve."""
    stage.chat.people[ELLA.user_id] = ELLA
    stage.chat.groups = {group: members | {ELLA.user_id} for group, members in stage.chat.groups.items()}
    stage.rules = rules_for(count)
    stage.flow.rulebook.put(stage.rules)
    await stage.ask("deploy prod", CLEO)
    assert (await stage.run()).state is RunState.WAITING


async def load_approval(stage: Stage) -> Approval:
    """The approval of run 1."""
    approval = await stage.store.find_approval(RunId(1))
    assert approval is not None
    return approval


async def looks(stage: Stage, who: Person) -> None:
    """Somebody presses *I'm looking*."""
    await stage.flow.desk.press(a_press(buttons.LOOKING, (await stage.run()).handle, who))
    await stage.settle()


def leave(stage: Stage, who: Person) -> None:
    """Somebody is taken out of every group."""
    stage.chat.groups = {group: members - {who.user_id} for group, members in stage.chat.groups.items()}


async def test_two_votes_are_in_the_history_with_their_rule_and_its_version(stage: Stage) -> None:
    await asked(stage)
    await stage.vote(await stage.run(), BEN)
    assert stage.hosting.posts == []
    await stage.vote(await stage.run(), ANA)
    run = await stage.run()
    assert (run.state, run.approvers, run.decided_by) == (
        RunState.RUNNING,
        (BEN.user_id, ANA.user_id),
        ANA.user_id,
    )
    told = [recorded.entry for recorded in await stage.store.find_entries(RunId(1))]
    assert told[1] == Consented(BEN.user_id, 1, 2, "approvals[0]", 14, "d1")
    assert told[2] == Voted(ANA.user_id, "granted", None, "approvals[0]", 14, "d1")


async def test_vote_asks_slack_once_about_each_whom_it_hangs_on(stage: Stage) -> None:
    await asked(stage)
    before = len(stage.chat.asked_anew)
    await stage.vote(await stage.run(), BEN)
    assert sorted(stage.chat.asked_anew[before:]) == sorted([CLEO.user_id, BEN.user_id, RELEASE])


async def test_retry_leaves_it_to_the_ask_to_find_out_who_asks(stage: Stage) -> None:
    await asked(stage)
    stage.clock.forward(minutes=15)
    await stage.flow.approvals.expire_once()
    await stage.settle()
    before = len(stage.meddler.calls)
    await stage.press("Retry", (await stage.card()).now, CLEO)
    assert (await stage.run(2)).state is RunState.WAITING
    assert stage.meddler.calls[before:].count("before fetch_person") == 1


async def test_two_votes_in_the_same_instant_both_count(stage: Stage) -> None:
    await asked(stage)
    run = await stage.run()
    await asyncio.gather(stage.vote(run, ANA), stage.vote(run, BEN), stage.vote(run, ELLA))
    run = await stage.run()
    assert run.state is RunState.RUNNING
    assert len(run.approvers) == 2
    [late] = {ANA.user_id, BEN.user_id, ELLA.user_id} - set(run.approvers)
    who = next(one for one in (ANA, BEN, ELLA) if one.user_id == late)
    assert "already approved, by" in stage.told(who)[0]
    assert len(stage.hosting.posts) == 1


async def test_vote_of_somebody_who_may_no_longer_approve_is_lost_with_the_last_one(stage: Stage) -> None:
    await asked(stage)
    await stage.vote(await stage.run(), BEN)
    leave(stage, BEN)
    await stage.vote(await stage.run(), ANA)
    assert (await load_approval(stage)).consents == (ANA.user_id,)
    assert await stage.entries() == ["Asked", "Consented", "VoteRefused", "Consented"]
    card = words_of((await stage.card()).now)
    assert "1 of 2: <@U0ANA>" in card
    assert "What <@U0BEN> approved before no longer counts" in card
    await stage.vote(await stage.run(), ELLA)
    assert (await stage.run()).approvers == (ANA.user_id, ELLA.user_id)


async def test_slack_not_telling_who_approved_before_decides_nothing(stage: Stage) -> None:
    await asked(stage)
    await stage.vote(await stage.run(), BEN)
    stage.chat.refuses("person U0BEN", ChatUnavailableError("timeout"))
    await stage.vote(await stage.run(), ANA)
    assert "Slack does not tell me" in stage.told(ANA)[0]
    assert (await load_approval(stage)).consents == (BEN.user_id,)
    stage.chat.relents("person U0BEN")
    await stage.vote(await stage.run(), ANA)
    assert (await stage.run()).state is RunState.RUNNING


async def test_last_vote_while_the_environment_is_taken_may_be_given_again(stage: Stage) -> None:
    await asked(stage)
    await stage.vote(await stage.run(), BEN)
    await stage.ask("restart prod", CLEO)
    await stage.vote(await stage.run(), ANA)
    assert "is busy" in stage.told(ANA)[0]
    assert (await load_approval(stage)).consents == (BEN.user_id,)


async def test_vote_overtaken_by_new_rules_has_to_be_given_again(stage: Stage) -> None:
    await asked(stage)
    await stage.vote(await stage.run(), BEN)

    async def change() -> None:
        stage.flow.rulebook.put(rules_for(2, digest="d2"))
        await stage.flow.approvals.renew_once()

    stage.meddler.before("record_approval", change)
    await stage.vote(await stage.run(), ANA)
    assert (await stage.run()).state is RunState.WAITING
    assert (await load_approval(stage)).consents == ()
    assert "asked anew" in stage.told(ANA)[0]
    assert "what <@U0BEN> approved before no longer counts" in words_of((await stage.card()).now)
    for voter in (ANA, BEN):
        await stage.vote(await stage.run(), voter)
    assert (await stage.run()).state is RunState.RUNNING


async def test_fewer_have_to_approve_by_new_rules(stage: Stage) -> None:
    await asked(stage, count=3)
    await stage.vote(await stage.run(), BEN)
    stage.flow.rulebook.put(some_rules(digest="d2"))
    await stage.flow.approvals.renew_once()
    assert (await load_approval(stage)).needed == 1
    await stage.vote(await stage.run(), ANA)
    assert (await stage.run()).approvers == (ANA.user_id,)


async def test_approver_who_has_approved_may_still_decline(stage: Stage) -> None:
    await asked(stage)
    await stage.vote(await stage.run(), BEN)
    await stage.vote(await stage.run(), BEN, approve=False)
    assert (await stage.run()).state is RunState.DECLINED
    assert (await stage.run()).approvers == ()


async def test_votes_outlive_a_restart(stage: Stage) -> None:
    await asked(stage)
    await stage.vote(await stage.run(), BEN)
    await stage.restart()
    await stage.vote(await stage.run(), ANA)
    assert (await stage.run()).approvers == (BEN.user_id, ANA.user_id)


async def test_claim_ends_with_a_second_press_and_is_taken_over_by_another(stage: Stage) -> None:
    await asked(stage)
    await looks(stage, BEN)
    assert "<@U0BEN> is looking since" in words_of((await stage.card()).now)
    await looks(stage, ANA)
    assert "<@U0ANA> is looking since" in words_of((await stage.card()).now)
    await looks(stage, ANA)
    assert "is looking" not in words_of((await stage.card()).now)
    assert await stage.entries() == ["Asked", *["Claimed"] * 4]


async def test_claim_lapses_by_itself(stage: Stage) -> None:
    await asked(stage)
    await looks(stage, BEN)
    stage.clock.forward(minutes=9, seconds=59)
    await stage.flow.approvals.expire_once()
    assert (await load_approval(stage)).claimed_by == BEN.user_id
    stage.clock.forward(seconds=1)
    await stage.flow.approvals.expire_once()
    await stage.settle()
    assert (await load_approval(stage)).claimed_by is None
    assert "is looking" not in words_of((await stage.card()).now)


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (CLEO, "You asked for #1 yourself"),
        (GUS, "Only people of this team"),
        (replace(BEN, user_id=UserId("U0NOBODY")), "You may not decide #1"),
    ],
    ids=["requester", "guest", "no approver"],
)
async def test_claim_of_somebody_who_may_not_decide_is_refused(stage: Stage, who: Person, why: str) -> None:
    await asked(stage)
    stage.chat.people[who.user_id] = who
    if who is CLEO:
        stage.chat.groups = {group: members | {CLEO.user_id} for group, members in stage.chat.groups.items()}
    await looks(stage, who)
    assert why in stage.told(who)[0]
    assert (await load_approval(stage)).claimed_by is None


async def test_claim_on_what_was_asked_under_old_rules_asks_anew(stage: Stage) -> None:
    await asked(stage)
    stage.flow.rulebook.put(rules_for(2, digest="d2"))
    await looks(stage, BEN)
    assert "asked anew" in stage.told(BEN)[0]
    assert (await load_approval(stage)).claimed_by is None


async def test_claim_on_what_is_decided_is_told_so(stage: Stage) -> None:
    await asked(stage, count=1)
    await stage.vote(await stage.run(), ANA)
    await looks(stage, BEN)
    assert "already approved, by <@U0ANA>" in stage.told(BEN)[0]


async def test_same_asked_again_has_the_card_drawn_again(stage: Stage) -> None:
    await asked(stage)
    before, edits = await load_approval(stage), len((await stage.card()).states)
    await stage.ask("deploy prod", ANA)
    assert (await load_approval(stage)).version == before.version + 1
    assert len((await stage.card()).states) == edits + 1
    assert "already" in stage.told(ANA)[0]
