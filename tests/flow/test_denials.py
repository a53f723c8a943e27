"""A refusal where Slack did not tell who is in a group: it says so, for the person may be in it."""

from dataclasses import replace
from datetime import timedelta

from bot.core.entries import Asked
from bot.core.errors import ChatUnavailableError
from bot.core.names import RunId
from bot.core.policy import Person
from bot.core.rules import People, Right, RuleSource
from tests.flow.stage import Stage
from tests.support.factories import BEN, CLEO, DEPLOYS, GUS, RELEASERS, STAGING, some_rules

UNKNOWN = "Slack does not tell me just now who is in <!subteam^S0RELEASE>"


async def ask_where_only_releasers_may(stage: Stage, by: Person, who: People = RELEASERS) -> str:
    only = Right(RuleSource("channels.C0DEPLOYS[0]", 9), frozenset({"restart"}), frozenset({STAGING.id}), who)
    stage.flow.rulebook.put(replace(some_rules("d2"), channels={DEPLOYS: (only,)}))
    await stage.ask("restart staging", by)
    return stage.told(by)[-1] if stage.told(by) else ""


async def test_member_of_a_group_that_slack_does_not_tell_is_refused_with_the_reason(stage: Stage) -> None:
    stage.chat.refuses("group", ChatUnavailableError("timeout"), times=1)
    said = await ask_where_only_releasers_may(stage, BEN)
    assert "You may not" in said
    assert UNKNOWN in said
    assert stage.hosting.posts == []

    await stage.ask("restart staging", BEN)
    assert len(stage.hosting.posts) == 1


async def test_refusal_with_all_groups_known_does_not_speak_of_them(stage: Stage) -> None:
    assert "You may not" in await ask_where_only_releasers_may(stage, CLEO)
    assert UNKNOWN not in stage.told(CLEO)[-1]


async def test_refusal_by_members_learned_long_ago_says_since_when(stage: Stage) -> None:
    stage.chat.groups_stale_for = timedelta(minutes=20)
    said = await ask_where_only_releasers_may(stage, CLEO)
    assert "who is in <!subteam^S0RELEASE> I last learned at" in said
    assert "11:40 UTC" in said


async def test_ask_and_vote_by_members_learned_long_ago_say_so_in_the_history(stage: Stage) -> None:
    stage.chat.groups_stale_for = timedelta(minutes=20)
    known = stage.clock.now() - timedelta(minutes=20)
    await ask_where_only_releasers_may(stage, BEN)
    (asked, *_) = [one.entry for one in await stage.store.find_entries(RunId(1))]
    assert isinstance(asked, Asked)
    assert (asked.known_as_of, asked.line, asked.digest) == (known, 9, "d2")


async def test_ask_by_a_person_listed_by_id_leans_on_no_group(stage: Stage) -> None:
    stage.chat.groups_stale_for = timedelta(minutes=20)
    await ask_where_only_releasers_may(stage, BEN, replace(RELEASERS, users=frozenset({BEN.user_id})))
    (asked, *_) = [one.entry for one in await stage.store.find_entries(RunId(1))]
    assert isinstance(asked, Asked)
    assert asked.known_as_of is None


async def test_guest_is_refused_for_being_one_whatever_group_is_unknown(stage: Stage) -> None:
    stage.chat.refuses("group", ChatUnavailableError("timeout"))
    said = await ask_where_only_releasers_may(stage, GUS)
    assert "guest" in said
    assert UNKNOWN not in said
