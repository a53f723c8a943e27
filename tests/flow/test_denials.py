"""A refusal where Slack did not tell who is in a group: it says so, for the person may be in it."""

from dataclasses import replace

from bot.core.errors import ChatUnavailableError
from bot.core.policy import Person
from bot.core.rules import Right, RuleSource
from tests.flow.stage import Stage
from tests.support.factories import BEN, CLEO, DEPLOYS, GUS, RELEASERS, STAGING, some_rules

UNKNOWN = "Slack does not tell me just now who is in <!subteam^S0RELEASE>"


async def ask_where_only_releasers_may(stage: Stage, by: Person) -> str:
    only = Right(
        RuleSource("channels.C0DEPLOYS[0]", 9), frozenset({"restart"}), frozenset({STAGING.id}), RELEASERS
    )
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


async def test_guest_is_refused_for_being_one_whatever_group_is_unknown(stage: Stage) -> None:
    stage.chat.refuses("group", ChatUnavailableError("timeout"))
    said = await ask_where_only_releasers_may(stage, GUS)
    assert "guest" in said
    assert UNKNOWN not in said
