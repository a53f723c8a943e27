"""`can` and `why` in the flow: by the same decision as an ask, of whomever Slack knows, and told only to whom it may be."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.catalog import Catalog
from bot.core.entries import Asked
from bot.core.errors import ChatRefusedError, ChatUnavailableError
from bot.core.names import RunId
from bot.core.policy import Person
from bot.core.rules import Right, RuleSource
from tests.flow.stage import Stage, buttons_of
from tests.support.factories import (
    ANA,
    BEN,
    CLEO,
    DEPLOYS,
    DEV,
    ELSEWHERE,
    FOREIGN,
    GUS,
    RELEASERS,
    STAGING,
    SUPPORT,
    rules_without,
    some_rules,
)


async def asks(stage: Stage, text: str, by: Person = CLEO, **more: object) -> str:
    """Somebody asks; the last thing they were told."""
    await stage.ask(text, by, **more)
    return stage.told(by)[-1]


def guests_may_restart(stage: Stage) -> None:
    """Gus may restart dev, by his id."""
    mine = replace(RELEASERS, users=frozenset({GUS.user_id}))
    line = Right(RuleSource("channels.C0DEPLOYS[1]", 10), frozenset({"restart"}), frozenset({DEV.id}), mine)
    rules = some_rules("d2")
    stage.flow.rulebook.put(replace(rules, channels={DEPLOYS: (*rules.channels[DEPLOYS], line)}))


@pytest.mark.parametrize(
    "text", ["can deploy staging", "can reinit dev sale", "can <@U0BEN> stop dev", "why"]
)
async def test_question_triggers_nothing_and_shows_nothing_to_others(stage: Stage, text: str) -> None:
    await asks(stage, text)
    assert stage.chat.screen == []
    assert stage.hosting.posts == []
    assert await stage.store.find_run(RunId(1)) is None
    assert await stage.entries(None) == []


async def test_question_about_oneself_by_id_is_about_oneself(stage: Stage) -> None:
    said = await asks(stage, "can <@U0CLEO> stop staging", channel=SUPPORT)
    assert "You may not `stop staging`" in said
    assert buttons_of(stage.chat.answers[-1][1]) == ["Ask someone who may"]


async def test_asker_who_may_from_elsewhere_is_told_so_first(stage: Stage) -> None:
    said = await asks(stage, "stop staging", channel=SUPPORT)
    assert "You may, from <#C0DEPLOYS> (`oec.yml`, line 9: `channels.C0DEPLOYS[0]`)" in said
    assert "Everyone" not in said


async def test_button_of_a_no_asks_those_who_may(stage: Stage) -> None:
    await asks(stage, "can stop staging", channel=SUPPORT)
    await stage.press("Ask someone who may", stage.chat.answers[-1][1], CLEO, channel=SUPPORT)
    assert len(await stage.store.find_open_pleas()) == 1


async def test_no_about_somebody_else_offers_no_plea(stage: Stage) -> None:
    said = await asks(stage, "can <@U0ANA> stop staging", channel=SUPPORT)
    assert "<@U0ANA> may not `stop staging`" in said
    assert "They may, from <#C0DEPLOYS>" in said
    assert buttons_of(stage.chat.answers[-1][1]) == []


async def test_guest_who_is_listed_learns_of_themselves_alone(stage: Stage) -> None:
    guests_may_restart(stage)
    assert "You may `restart dev`" in await asks(stage, "can restart dev", GUS)
    assert "`dev`" in await asks(stage, "can", GUS)
    for text in ("can <@U0ANA>", "can <@U0ANA> deploy prod"):
        said = await asks(stage, text, GUS)
        assert "Only people of this team are told" in said
        assert "releasers" not in said
    said = await asks(stage, "can deploy prod", GUS)
    assert "You may not `deploy prod`" in said
    assert "releasers" not in said
    assert buttons_of(stage.chat.answers[-1][1]) == []


async def test_member_learns_what_a_guest_and_a_foreigner_may(stage: Stage) -> None:
    guests_may_restart(stage)
    assert "<@U0GUS> may `restart dev`" in await asks(stage, "can <@U0GUS> restart dev")
    stranger = Person(ANA.user_id, FOREIGN)
    stage.chat.people[ANA.user_id] = stranger
    assert "They belong to another workspace" in await asks(stage, "can <@U0ANA> restart dev")


async def test_foreigner_is_told_nothing(stage: Stage) -> None:
    stranger = Person(CLEO.user_id, FOREIGN)
    said = await asks(stage, "can <@U0ANA> deploy prod", stranger)
    assert "You belong to another workspace" in said
    assert "releasers" not in said


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (ChatRefusedError("user_not_found"), "Slack knows nobody by `@U0BEN`"),
        (ChatRefusedError("some_new_error"), "Slack does not tell me just now who <@U0BEN> is"),
        (ChatUnavailableError("timeout"), "Slack does not tell me just now who <@U0BEN> is"),
    ],
)
async def test_person_whom_slack_does_not_tell_of_is_said_so(
    stage: Stage, trouble: ChatRefusedError | ChatUnavailableError, words: str
) -> None:
    stage.chat.refuses("person U0BEN", trouble)
    assert words in await asks(stage, "can <@U0BEN> deploy prod")


async def test_answer_that_leans_on_members_learned_long_ago_says_so(stage: Stage) -> None:
    stage.chat.groups_stale_for = timedelta(minutes=20)
    only = Right(
        RuleSource("channels.C0DEPLOYS[0]", 9), frozenset({"restart"}), frozenset({DEV.id}), RELEASERS
    )
    stage.flow.rulebook.put(replace(some_rules("d2"), channels={DEPLOYS: (only,)}))
    assert "11:40 UTC" in await asks(stage, "can restart dev", BEN)
    assert "I last learned at" in await asks(stage, "can restart dev", CLEO)


async def test_mistyped_ask_offers_only_what_would_be_allowed(stage: Stage) -> None:
    stage.flow.rulebook.put(rules_without(some_rules("d2"), CLEO))
    await asks(stage, "deploy stagin")
    assert buttons_of(stage.chat.answers[-1][1]) == []
    await asks(stage, "can deploy stagin")
    assert buttons_of(stage.chat.answers[-1][1]) == ["staging"]
    await asks(stage, "status stagin")
    assert buttons_of(stage.chat.answers[-1][1]) == ["staging"]
    await asks(stage, "deploy stagin", BEN)
    assert buttons_of(stage.chat.answers[-1][1]) == ["staging"]


# why


async def test_why_alone_is_about_whatever_came_last_here(stage: Stage) -> None:
    assert "You were refused nothing here" in await asks(stage, "why", channel=SUPPORT)
    await asks(stage, "stop staging", channel=SUPPORT)
    assert "You were refused `stop staging`" in await asks(stage, "why", channel=SUPPORT)
    stage.clock.forward(minutes=1)
    await stage.ask("restart staging", CLEO, channel=SUPPORT)
    assert "Why *#1" in await asks(stage, "why", channel=SUPPORT)
    stage.clock.forward(minutes=1)
    await asks(stage, "stop staging", channel=SUPPORT)
    assert "You were refused `stop staging`" in await asks(stage, "why", channel=SUPPORT)
    assert "You were refused nothing here" in await asks(stage, "why", BEN, channel=SUPPORT)


async def test_why_of_a_refused_text_that_means_nothing_any_more_says_what_was(stage: Stage) -> None:
    await asks(stage, "stop staging", channel=SUPPORT)
    rules = some_rules("d2")
    known = frozenset({DEV.id})
    stage.flow.rulebook.put(replace(rules, catalog=Catalog(rules.catalog.among(known))))
    said = await asks(stage, "why", channel=SUPPORT)
    assert "You were refused `stop staging`" in said
    assert "Today" not in said


async def test_why_of_a_run_says_what_would_be_decided_by_new_rules(stage: Stage) -> None:
    await stage.ask("restart staging", CLEO)
    assert "The rules are the same today" in await asks(stage, "why 1", BEN)
    stage.flow.rulebook.put(rules_without(some_rules("d2"), CLEO))
    said = await asks(stage, "why 1", BEN)
    assert "The rules have changed since: now they are version `d2`" in said
    assert "<@U0CLEO> may not `restart staging`" in said
    assert "line 99" in said


async def test_why_of_a_run_whose_requester_slack_does_not_tell_of_says_so(stage: Stage) -> None:
    await stage.ask("restart staging", CLEO)
    stage.flow.rulebook.put(some_rules("d2"))
    stage.chat.refuses("person U0CLEO", ChatUnavailableError("timeout"))
    assert "Slack does not say who it is about" in await asks(stage, "why 1", BEN)


@pytest.mark.parametrize(("text", "channel"), [("why 99", DEPLOYS), ("why 1", SUPPORT)])
async def test_why_of_a_run_that_is_not_to_be_seen_here_is_refused(
    stage: Stage, text: str, channel: str
) -> None:
    await stage.ask("restart dev", CLEO)
    assert "I know no run #" in await asks(stage, text, BEN, channel=channel)


async def test_why_in_a_channel_without_rules_is_refused(stage: Stage) -> None:
    assert "No rule speaks of" in await asks(stage, "why", channel=ELSEWHERE)


async def test_entry_of_an_ask_names_line_version_and_approval_rule(stage: Stage) -> None:
    await stage.ask("deploy prod", CLEO)
    [asked, *_] = [one.entry for one in await stage.store.find_entries(RunId(1))]
    assert isinstance(asked, Asked)
    assert (asked.rule, asked.line, asked.digest) == ("channels.C0DEPLOYS[0]", 9, "d1")
    assert asked.approval_rule == "approvals[0]"


async def test_run_that_was_started_elsewhere_is_explained_as_such(stage: Stage) -> None:
    stage.hosting.begins_elsewhere(STAGING.id)
    await stage.ask("restart staging", CLEO)
    await stage.press("Follow it", (await stage.card()).now, CLEO)
    assert "It was started elsewhere" in await asks(stage, "why 2")


async def test_why_names_no_environment_that_its_reader_may_not_see(stage: Stage) -> None:
    """The line that let it through speaks of others too, which #support knows nothing of."""
    await stage.ask("restart staging", CLEO)
    stage.flow.rulebook.put(some_rules("d2"))
    await stage.ask("why 1", CLEO, channel=SUPPORT)
    told = stage.told(CLEO)[-1]
    assert "do everything on `staging` and others" in told
    assert "prod" not in told
    await stage.ask("why 1", CLEO)
    assert "on `prod`, `staging`, `dev`" in stage.told(CLEO)[-1]
