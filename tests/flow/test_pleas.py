"""Pleas in the flow: who may make one, who takes it on, and what everybody is told."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.catalog import Catalog
from bot.core.errors import ChatUnavailableError
from bot.core.names import ButtonId, ChannelId, PleaNumber, RunId, UserId
from bot.core.pleas import Plea, PleaState
from bot.core.policy import Person
from bot.core.request import Place
from bot.core.rules import People, Right, Rules, RuleSource
from bot.core.runs import RunState
from bot.core.tasks import TaskStatus
from bot.flow.ports import PleaSlot
from bot.views import buttons
from bot.views.message import Message
from tests.flow.stage import Stage, buttons_of, find_button, words_of
from tests.support.block_limits import find_pings
from tests.support.factories import (
    ANA,
    BEN,
    CLEO,
    DEPLOYS,
    ELSEWHERE,
    EVERYONE,
    GUS,
    LEA,
    OPS,
    PROD,
    RELEASERS,
    STAGING,
    SUPPORT,
    a_press,
    some_rules,
)
from tests.support.fakes import Posted

THREE = ("stop dev", "start dev", "deploy dev")
DEV_STOP = Right(RuleSource("channels.C0OPS[0]", 20), frozenset({"stop"}), frozenset({STAGING.id}), RELEASERS)


def rules_of(**lines: Right) -> Rules:
    """Only releasers may stop staging, from #ops; whatever else is given."""
    channels = {OPS: (DEV_STOP,), SUPPORT: some_rules().channels[SUPPORT]}
    more = {ChannelId(name): (line,) for name, line in lines.items()}
    return replace(some_rules("d2"), channels=channels | more)


async def plead(stage: Stage, text: str = "stop staging", by: Person = CLEO) -> Message:
    """Somebody is refused something in #support, and asks those who may; what they are told."""
    await stage.ask(text, by, channel=SUPPORT)
    await stage.press("Ask someone who may", stage.chat.answers[-1][1], by, channel=SUPPORT)
    return stage.chat.answers[-1][1]


async def the_plea(stage: Stage, by: Person = CLEO) -> Plea:
    """The newest plea of somebody."""
    pleas = await stage.store.find_pleas(stage.clock.now() - timedelta(days=1))
    *_, newest = [plea for plea in pleas if plea.by == by.user_id]
    return newest


def message_of(stage: Stage, number: int = 1) -> Posted:
    """The one message of a plea."""
    [message] = stage.chat.standing(PleaSlot(PleaNumber(number)))
    return message


async def take(stage: Stage, by: Person = BEN, **more: object) -> None:
    """Somebody presses the button of the newest plea."""
    plea = await the_plea(stage)
    press = a_press(buttons.PLEA, plea.id, by, channel=plea.opening.channel_id, **more)  # type: ignore[arg-type]
    await stage.flow.desk.press(press)
    await stage.settle()


async def test_plea_is_taken_on_as_the_one_who_presses(stage: Stage) -> None:
    told = await plead(stage)
    assert "I ask everyone of the team in <#C0DEPLOYS>" in words_of(told)
    assert message_of(stage).place.channel_id == DEPLOYS
    assert buttons_of(message_of(stage).now) == ["Do it"]
    await take(stage)
    run = await stage.run()
    assert (run.requester, run.followers, run.place.channel_id) == (BEN.user_id, (CLEO.user_id,), DEPLOYS)
    assert await stage.entries() == ["Asked", "PleaTaken", "Sent", "Started"]
    assert await stage.entries(None) == ["DeniedAsk", "Pleaded"]
    assert "<@U0BEN> took it on: #1" in words_of(message_of(stage).now)
    assert buttons_of(message_of(stage).now) == []
    assert "Asked by <@U0BEN> for <@U0CLEO>" in words_of((await stage.card()).now)
    await stage.ask("run 1", BEN)
    assert "asked by <@U0BEN> for <@U0CLEO>" in stage.told(BEN)[-1]


async def test_two_presses_at_the_same_moment_come_to_one_run(stage: Stage) -> None:
    await plead(stage)
    plea = await the_plea(stage)
    presses = (a_press(buttons.PLEA, plea.id, who) for who in (ANA, BEN, ANA, BEN))
    await asyncio.gather(*(stage.flow.desk.press(press) for press in presses))
    await stage.settle()
    taken = await the_plea(stage)
    assert taken.state is PleaState.TAKEN
    told = [said for who in (ANA, BEN) for said in stage.told(who) if "took it on: #1" in said]
    assert len(told) == 3
    assert await stage.store.find_run(RunId(2)) is None
    assert len(stage.hosting.posts) == 1


async def test_plea_taken_back_in_the_middle_of_a_press_leads_to_no_run(stage: Stage) -> None:
    await plead(stage)

    async def take_back() -> None:
        plea = await the_plea(stage)
        await stage.flow.desk.press(a_press(buttons.PLEA_BACK, plea.id, CLEO, channel=SUPPORT))

    stage.meddler.before("record_run", take_back)
    await take(stage)
    assert (await the_plea(stage)).state is PleaState.WITHDRAWN
    assert "No longer asked for" in stage.told(BEN)[-1]
    assert await stage.store.find_run(RunId(1)) is None
    assert stage.hosting.posts == []


async def test_plea_whose_environment_is_busy_stays_open(stage: Stage) -> None:
    await plead(stage)
    await stage.ask("restart staging", ANA)
    await take(stage)
    assert "is busy" in stage.told(BEN)[-1]
    assert (await the_plea(stage)).state is PleaState.OPEN
    assert buttons_of(message_of(stage).now) == ["Do it"]


async def test_press_that_came_late_does_nothing(stage: Stage) -> None:
    await plead(stage)
    await take(stage, late_by=timedelta(minutes=2))
    assert "press again" in stage.told(BEN)[-1]
    assert (await the_plea(stage)).state is PleaState.OPEN
    assert stage.hosting.posts == []


async def test_press_after_its_time_ends_it_and_does_nothing(stage: Stage) -> None:
    await plead(stage)
    stage.clock.forward(hours=1)
    await take(stage)
    assert "Nobody took it" in stage.told(BEN)[-1]
    assert "Nobody took it" in words_of(message_of(stage).now)
    assert stage.hosting.posts == []


async def test_press_on_what_was_taken_names_who_has_it(stage: Stage) -> None:
    await plead(stage)
    await take(stage, ANA)
    await take(stage, BEN)
    assert "<@U0ANA> took it on: #1" in stage.told(BEN)[-1]
    assert "/oec run 1" in stage.told(BEN)[-1]


async def test_press_by_somebody_who_may_not_is_refused_and_offers_no_second_plea(stage: Stage) -> None:
    await plead(stage)
    await take(stage, GUS)
    assert "You are a guest" in stage.told(GUS)[-1]
    assert buttons_of(stage.chat.answers[-1][1]) == []
    assert (await the_plea(stage)).state is PleaState.OPEN


async def test_asker_who_presses_is_offered_to_take_it_back(stage: Stage) -> None:
    stage.flow.rulebook.put(rules_of())
    await plead(stage)
    await take(stage, CLEO)
    own = stage.chat.answers[-1][1]
    assert "You asked for this yourself" in words_of(own)
    await stage.press("Never mind", own, CLEO)
    assert (await the_plea(stage)).state is PleaState.WITHDRAWN
    assert "No longer asked for" in words_of(message_of(stage).now)
    await take(stage, CLEO)
    assert "No longer asked for" in stage.told(CLEO)[-1]


async def test_nobody_else_takes_it_back(stage: Stage) -> None:
    await plead(stage)
    plea = await the_plea(stage)
    await stage.flow.desk.press(a_press(buttons.PLEA_BACK, plea.id, BEN))
    assert "Only <@U0CLEO> can take this back" in stage.told(BEN)[-1]
    assert (await the_plea(stage)).state is PleaState.OPEN


async def test_what_was_taken_is_not_taken_back(stage: Stage) -> None:
    told = await plead(stage)
    await take(stage)
    await stage.press("Never mind", told, CLEO, channel=SUPPORT)
    assert "<@U0BEN> took it on: #1" in stage.told(CLEO)[-1]
    assert (await the_plea(stage)).state is PleaState.TAKEN


async def test_same_plea_twice_at_once_is_made_once(stage: Stage) -> None:
    await stage.ask("stop staging", CLEO, channel=SUPPORT)
    kind, button_id = find_button(stage.chat.answers[-1][1], "Ask someone who may")
    presses = (a_press(kind, button_id, CLEO, channel=SUPPORT) for _ in range(3))
    await asyncio.gather(*(stage.flow.desk.press(press) for press in presses))
    await stage.settle()
    assert len(stage.chat.of(PleaSlot(PleaNumber(1)))) == 1
    assert await stage.entries(None) == ["DeniedAsk", "Pleaded"]
    assert sum("You ask for this already" in said for said in stage.told(CLEO)) == 2


async def test_wish_that_still_stands_is_recognised_by_whatever_its_environment_is_called(
    stage: Stage,
) -> None:
    await plead(stage)
    rules = some_rules("d3")
    learned = [
        replace(one, project="Client ERP", platform_name=one.alias) for one in rules.catalog.environments
    ]
    stage.flow.rulebook.put(replace(rules, catalog=type(rules.catalog)(tuple(learned))))
    assert "You ask for this already" in words_of(await plead(stage))
    assert len(stage.chat.screen) == 1


async def test_taken_back_pleas_count_against_the_flood(stage: Stage) -> None:
    for _ in range(3):
        told = await plead(stage)
        await stage.press("Never mind", told, CLEO, channel=SUPPORT)
    assert "as often as I call people for you" in words_of(await plead(stage))
    stage.clock.forward(hours=1)
    assert "I ask everyone of the team" in words_of(await plead(stage))


async def test_taken_pleas_do_not_count_against_the_flood(stage: Stage) -> None:
    for text in ("stop dev", "restart dev", "start dev", "update dev"):
        assert "I ask everyone" in words_of(await plead(stage, text))
        await take(stage)
        stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
        await stage.turn()
    assert len(await stage.store.find_pleas(stage.clock.now() - timedelta(hours=1))) == 4


async def test_channel_that_was_asked_often_is_asked_no_more_until_an_hour_has_passed(stage: Stage) -> None:
    for by in (CLEO, ANA):
        for text in THREE:
            assert "I ask everyone" in words_of(await plead(stage, text, by))
        stage.clock.forward(minutes=10)
    told = words_of(await plead(stage, "update dev", BEN))
    assert "<#C0DEPLOYS> has had 6 such asks within an hour" in told
    assert len(stage.chat.screen) == 6
    stage.clock.forward(minutes=40)
    assert "I ask everyone" in words_of(await plead(stage, "update dev", BEN))


async def test_channel_whose_pleas_are_taken_on_is_asked_on(stage: Stage) -> None:
    for by in (CLEO, ANA):
        for text in THREE:
            await plead(stage, text, by)
    await take(stage)
    assert "I ask everyone" in words_of(await plead(stage, "update dev", BEN))


async def test_next_channel_that_was_asked_often_is_spared(stage: Stage) -> None:
    """The first channel does not take it; in the next, people were asked for the same again and again."""
    stage.flow.rulebook.put(rules_of())
    for by in (CLEO, LEA):
        for _ in range(3):
            await stage.press("Never mind", await plead(stage, by=by), by, channel=SUPPORT)
    first = replace(DEV_STOP, source=RuleSource("channels.C0DEPLOYS[0]", 9))
    stage.flow.rulebook.put(replace(rules_of(), channels={DEPLOYS: (first,), **rules_of().channels}))
    stage.chat.refuses("post plea", "not_in_channel", times=1)
    assert "I could ask nobody" in words_of(await plead(stage, by=ANA))
    assert {posted.place.channel_id for posted in stage.chat.screen} == {OPS}
    assert len(stage.chat.screen) == 6


async def test_wish_that_somebody_is_busy_with_is_not_asked_for_again(stage: Stage) -> None:
    await plead(stage)
    await take(stage)
    told = words_of(await plead(stage))
    assert "<@U0BEN> took it on: #1" in told
    assert "/oec run 1" in told
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await stage.turn()
    assert "I ask everyone" in words_of(await plead(stage))


async def test_asker_who_is_a_guest_by_now_asks_nobody(stage: Stage) -> None:
    await stage.ask("stop staging", CLEO, channel=SUPPORT)
    refusal = stage.chat.answers[-1][1]
    stage.chat.people[CLEO.user_id] = replace(CLEO, is_guest=True)
    await stage.press("Ask someone who may", refusal, CLEO, channel=SUPPORT)
    assert "You are a guest" in stage.told(CLEO)[-1]
    assert stage.chat.screen == []


async def test_plea_of_somebody_who_is_a_guest_by_now_can_be_taken_on_and_back(stage: Stage) -> None:
    """Whoever presses does it by their own rights, and whoever asked may want it no more."""
    for text in ("stop staging", "stop dev"):
        await plead(stage, text)
    stage.chat.people[CLEO.user_id] = replace(CLEO, is_guest=True)
    await take(stage)
    assert (await stage.run()).followers == (CLEO.user_id,)
    [other] = await stage.store.find_open_pleas()
    await stage.flow.desk.press(a_press(buttons.PLEA_BACK, other.id, CLEO, channel=SUPPORT))
    assert "You no longer ask others" in stage.told(CLEO)[-1]


async def test_asker_who_presses_and_may_by_now_is_told_so(stage: Stage) -> None:
    stage.flow.rulebook.put(rules_of())
    await plead(stage)
    stage.flow.rulebook.put(replace(rules_of(), channels={OPS: (replace(DEV_STOP, who=EVERYONE),)}))
    await take(stage, CLEO)
    told = stage.chat.answers[-1][1]
    assert "You may do this yourself" in words_of(told)
    assert buttons_of(told) == ["Never mind"]
    assert stage.hosting.posts == []


async def test_asker_of_whom_slack_does_not_tell_is_told_to_wait_for_others(stage: Stage) -> None:
    await plead(stage)
    stage.chat.refuses(f"person {CLEO.user_id}", ChatUnavailableError("timeout"))
    await take(stage, CLEO)
    assert "You asked for this yourself" in stage.told(CLEO)[-1]


async def test_asker_who_may_by_now_is_told_to_ask(stage: Stage) -> None:
    stage.flow.rulebook.put(rules_of())
    await stage.ask("stop staging", CLEO, channel=SUPPORT)
    refusal = stage.chat.answers[-1][1]
    everyone = Right(
        RuleSource("channels.C0SUPPORT[0]", 12),
        frozenset({"stop"}),
        frozenset({STAGING.id}),
        People("everyone", everyone=True),
    )
    stage.flow.rulebook.put(rules_of(C0SUPPORT=everyone))
    await stage.press("Ask someone who may", refusal, CLEO, channel=SUPPORT)
    assert "You may do this yourself" in stage.told(CLEO)[-1]
    assert stage.chat.screen == []


async def test_where_nobody_may_any_more_nobody_is_asked(stage: Stage) -> None:
    await stage.ask("stop staging", CLEO, channel=SUPPORT)
    refusal = stage.chat.answers[-1][1]
    only_support = {SUPPORT: some_rules().channels[SUPPORT]}
    stage.flow.rulebook.put(replace(some_rules("d2"), channels=only_support))
    await stage.press("Ask someone who may", refusal, CLEO, channel=SUPPORT)
    assert "there is nobody I could ask" in stage.told(CLEO)[-1]
    assert stage.chat.screen == []


async def test_refusal_of_what_nobody_may_offers_nobody_to_ask(stage: Stage) -> None:
    only_support = {SUPPORT: some_rules().channels[SUPPORT]}
    stage.flow.rulebook.put(replace(some_rules("d2"), channels=only_support))
    await stage.ask("stop staging", CLEO, channel=SUPPORT)
    assert buttons_of(stage.chat.answers[-1][1]) == []


async def test_only_those_who_may_are_called_and_never_the_asker(stage: Stage) -> None:
    named = replace(RELEASERS, users=frozenset({ANA.user_id, CLEO.user_id}), groups=frozenset())
    stage.flow.rulebook.put(rules_of(C0OPS=replace(DEV_STOP, who=named)))
    await plead(stage)
    words = words_of(message_of(stage).now)
    assert "<@U0ANA>" in words
    assert words.count("<@U0CLEO>") == 1  # who asks
    assert message_of(stage).place.channel_id == OPS


async def test_who_may_is_called_by_name_unless_it_is_night_for_them(stage: Stage) -> None:
    """Gus is a guest and Dora has left, though both are in the group of the releasers."""
    stage.flow.rulebook.put(rules_of())
    stage.chat.people[ANA.user_id] = replace(ANA, time_zone="Pacific/Auckland")
    told = await plead(stage)
    assert find_pings([message_of(stage).now.text]) == {"@U0CLEO", "@U0BEN"}
    assert "night" not in words_of(told)


async def test_where_it_is_night_for_all_nobody_is_called_and_that_is_said(stage: Stage) -> None:
    stage.flow.rulebook.put(rules_of())
    for person in (ANA, BEN):
        stage.chat.people[person.user_id] = replace(person, time_zone="Pacific/Auckland")
    told = await plead(stage)
    assert find_pings([message_of(stage).now.text]) == {"@U0CLEO"}
    assert "It was night for all of them" in words_of(message_of(stage).now)
    assert "It is night for all of them, so I call nobody" in words_of(told)
    await take(stage, BEN)
    assert (await stage.run()).requester == BEN.user_id


async def test_of_whom_slack_does_not_tell_is_not_called(stage: Stage) -> None:
    stage.flow.rulebook.put(rules_of())
    for person in (ANA, BEN):
        stage.chat.refuses(f"person {person.user_id}", ChatUnavailableError("timeout"))
    assert "I ask one of *releasers*" in words_of(await plead(stage))
    assert find_pings([message_of(stage).now.text]) == {"@U0CLEO"}


async def test_channel_that_takes_no_message_is_passed_over(stage: Stage) -> None:
    first = replace(DEV_STOP, source=RuleSource("channels.C0DEPLOYS[0]", 9))
    stage.flow.rulebook.put(replace(rules_of(), channels={DEPLOYS: (first,), **rules_of().channels}))
    stage.chat.refuses("post plea", "not_in_channel", times=1)
    told = await plead(stage)
    assert message_of(stage).place.channel_id == OPS
    assert "in <#C0OPS>" in words_of(told)
    await take(stage, BEN)
    assert (await stage.run()).place.channel_id == OPS


async def test_where_no_channel_takes_it_the_asker_is_told(stage: Stage) -> None:
    stage.chat.refuses("post plea", "not_in_channel")
    told = await plead(stage)
    assert "I could ask nobody" in words_of(told)
    assert "/invite @oec" in words_of(told)
    assert (await the_plea(stage)).state is PleaState.WITHDRAWN
    assert list(await stage.store.find_stale_pleas()) == []


async def test_during_an_outage_it_is_shown_later_once(stage: Stage) -> None:
    stage.chat.falls_ill()
    await stage.ask("stop staging", CLEO, channel=SUPPORT)
    kind, button_id = find_button(stage.chat.answers[-1][1], "Ask someone who may")
    await stage.flow.desk.press(a_press(kind, button_id, CLEO, channel=SUPPORT))
    assert "I ask everyone of the team" in stage.told(CLEO)[-1]
    assert stage.chat.screen == []
    await stage.flow.plea_messages.mend_once()
    stage.chat.recovers()
    await stage.settle()
    assert buttons_of(message_of(stage).now) == ["Do it"]


async def test_asker_who_no_longer_waits_is_told_in_their_own_messages(stage: Stage) -> None:
    stage.chat.falls_ill()
    await plead_without_waiting(stage)
    stage.chat.refuses("post plea", "is_archived")
    stage.chat.recovers()
    await stage.settle()
    reply_to, message = stage.chat.answers[-1]
    assert (reply_to.user_id, reply_to.place) == (CLEO.user_id, Place(ChannelId("U0CLEO")))
    assert "I could ask nobody" in words_of(message)


async def plead_without_waiting(stage: Stage) -> None:
    """Somebody asks those who may while Slack is unwell."""
    await stage.ask("stop staging", CLEO, channel=SUPPORT)
    kind, button_id = find_button(stage.chat.answers[-1][1], "Ask someone who may")
    await stage.flow.desk.press(a_press(kind, button_id, CLEO, channel=SUPPORT))


async def test_message_that_was_deleted_is_let_be(stage: Stage) -> None:
    await plead(stage)
    message_of(stage).is_deleted = True
    stage.clock.forward(hours=1)
    await stage.flow.plea_messages.mend_once()
    await stage.settle()
    assert list(await stage.store.find_stale_pleas()) == []
    assert (await the_plea(stage)).state is PleaState.EXPIRED


async def test_change_in_the_middle_of_an_edit_is_shown_after_it(stage: Stage) -> None:
    await plead(stage)
    stage.chat.holds()
    kind, button_id = buttons.PLEA_BACK, (await the_plea(stage)).id
    await stage.flow.desk.press(a_press(kind, button_id, CLEO, channel=SUPPORT))
    stage.chat.releases()
    await stage.settle()
    assert "No longer asked for" in words_of(message_of(stage).now)


async def test_environment_that_the_rules_no_longer_name_is_said(stage: Stage) -> None:
    await plead(stage)
    rules = some_rules("d3")
    without = Catalog(rules.catalog.among(frozenset({PROD.id})))
    stage.flow.rulebook.put(replace(rules, catalog=without))
    await take(stage)
    assert "no longer speak of `staging`" in stage.told(BEN)[-1]
    assert stage.hosting.posts == []


async def test_name_that_went_to_another_environment_is_not_taken_for_it(stage: Stage) -> None:
    await plead(stage)
    rules = some_rules("d3")
    names = {"staging": "quality", "dev": "staging"}
    renamed = tuple(replace(one, alias=names.get(one.alias, one.alias)) for one in rules.catalog.environments)
    stage.flow.rulebook.put(replace(rules, catalog=type(rules.catalog)(renamed)))
    await take(stage)
    run = await stage.run()
    assert (run.change.environment.id, run.change.environment.alias) == (STAGING.id, "quality")


@pytest.mark.parametrize("kind", [buttons.PLEA, buttons.PLEA_BACK, buttons.PLEAD])
async def test_button_of_no_plea_of_ours_is_answered(stage: Stage, kind: str) -> None:
    await stage.flow.desk.press(a_press(kind, ButtonId("of-another-bot"), BEN))
    assert len(stage.told(BEN)) == 1


async def test_plea_is_refused_where_slack_does_not_tell_who_asks(stage: Stage) -> None:
    await stage.ask("stop staging", CLEO, channel=SUPPORT)
    refusal = stage.chat.answers[-1][1]
    stage.chat.refuses(f"person {CLEO.user_id}", ChatUnavailableError("timeout"))
    await stage.press("Ask someone who may", refusal, CLEO, channel=SUPPORT)
    assert stage.chat.screen == []
    assert UserId("U0CLEO") in {reply.user_id for reply, _ in stage.chat.answers}


async def test_run_of_a_plea_that_needs_an_approval_waits_for_it(stage: Stage) -> None:
    await stage.ask("deploy prod", CLEO, channel=SUPPORT)
    await stage.press("Ask someone who may", stage.chat.answers[-1][1], CLEO, channel=SUPPORT)
    await take(stage, ANA)
    assert (await stage.run()).state is RunState.WAITING
    assert (await the_plea(stage)).state is PleaState.TAKEN
    card = (await stage.card()).now
    assert "Asked by <@U0ANA> for <@U0CLEO>" in words_of(card)
    assert "asked by <@U0ANA> for <@U0CLEO>" in card.text, "a phone shows it too"
    await stage.ask("history prod", BEN)
    assert "<@U0ANA> for <@U0CLEO>" in stage.told(BEN)[-1]
    assert ELSEWHERE not in {posted.place.channel_id for posted in stage.chat.screen}
