"""Who may do what, and why: `can` before anybody asks, `why` after, and every refusal with its rule and who could."""

import re

import pytest

from tests.support.hosting import PROD
from tests.support.world import DEPLOYS, RANDOM, SUPPORT, World


async def test_releaser_learns_that_it_needs_an_approval_and_by_which_rules(world: World) -> None:
    await world.ana.says("/oec can deploy prod", DEPLOYS)
    told = await world.ana.sees("You may ask for `deploy prod`", channel=DEPLOYS)
    assert told.is_private
    assert "one of *releasers*" in told.words
    assert "The first line of <#C0DEPLOYS> lets *releasers*" in told.words
    assert _line_of(world, "who: releasers") in told.words
    assert "channels.C0DEPLOYS[0]" in told.words
    assert "The third approval rule asks for it" in told.words
    assert "approvals[2]" in told.words
    assert "Nothing was triggered" in told.words
    assert told.buttons == ()
    assert await world.hosting.posts() == []


async def test_what_is_allowed_at_once_says_so(world: World) -> None:
    await world.cleo.says("/oec may I redeploy staging modules=sale,stock?", DEPLOYS)
    told = await world.cleo.sees("You may `deploy staging modules=sale,stock`", "at once", channel=DEPLOYS)
    assert "The second line of <#C0DEPLOYS> lets everyone of the team do everything" in told.words
    assert await world.hosting.posts() == []


async def test_what_is_refused_says_why_who_could_and_what_could_be_done_here(world: World) -> None:
    await world.cleo.says("/oec can deploy prod", SUPPORT)
    told = await world.cleo.sees("You may not `deploy prod`", channel=SUPPORT)
    assert "No line of <#C0SUPPORT> lets you" in told.words
    assert "channels.C0SUPPORT" in told.words
    assert "*releasers* may, from <#C0DEPLOYS>" in told.words
    assert "Here you may: restart `staging`" in told.words
    assert told.buttons == ("Ask someone who may",)


async def test_deny_line_is_named_in_plain_words(world: World) -> None:
    await world.ana.says("/oec can update shop all", DEPLOYS)
    told = await world.ana.sees("You may not `update shop all`", channel=DEPLOYS)
    assert "The third line of <#C0DEPLOYS> keeps everyone of the team from" in told.words
    assert _line_of(world, "deny: true") in told.words
    assert told.buttons == ()


async def test_question_about_somebody_else_is_answered_by_their_rights(world: World) -> None:
    await world.cleo.says("/oec can @ben deploy prod", DEPLOYS)
    told = await world.cleo.sees("<@U0BEN> may ask for `deploy prod`", channel=DEPLOYS)
    assert told.is_private
    await world.ana.says("/oec can @gus restart staging", DEPLOYS)
    guest = await world.ana.sees("<@U0GUS> may not `restart staging`", "They are a guest", channel=DEPLOYS)
    assert guest.buttons == ()


async def test_can_alone_lists_what_may_be_done_here(world: World) -> None:
    await world.cleo.says("/oec can", SUPPORT)
    await world.cleo.sees("In <#C0SUPPORT> you may", "restart `staging`", channel=SUPPORT)
    await world.cleo.says("/oec can @ana", DEPLOYS)
    told = await world.cleo.sees("In <#C0DEPLOYS> <@U0ANA> may", "with somebody's approval", channel=DEPLOYS)
    assert "`prod`" in told.words


async def test_name_that_slack_did_not_turn_into_a_person_is_explained(world: World) -> None:
    await world.cleo.says("/oec can @nobody deploy prod", DEPLOYS)
    told = await world.cleo.sees("I cannot tell who `@nobody` is", channel=DEPLOYS)
    assert "pick the person from the list" in told.words


async def test_person_whom_slack_does_not_know_is_said_to_be_unknown(world: World) -> None:
    await world.cleo.says("/oec can <@U0GHOST> deploy prod", DEPLOYS)
    await world.cleo.sees("Slack knows nobody by `@U0GHOST`", channel=DEPLOYS)


async def test_guest_is_told_nothing_about_others(world: World) -> None:
    await world.gus.says("/oec can @ana deploy prod", DEPLOYS)
    told = await world.gus.sees("guest", channel=DEPLOYS)
    assert "releasers" not in told.words
    assert "<@U0ANA>" not in told.words


async def test_mistyped_question_offers_a_question(world: World) -> None:
    await world.ana.says("/oec can restart stagin", DEPLOYS)
    offer = await world.ana.sees("I know no environment `stagin`", channel=DEPLOYS)
    await world.ana.presses("staging", offer)
    await world.ana.sees("You may `restart staging`", channel=DEPLOYS)
    assert await world.hosting.posts() == []


async def test_mistyped_name_offers_nothing_that_would_be_refused(world: World) -> None:
    await world.cleo.says("/oec deploy prdo", DEPLOYS)
    answer = await world.cleo.sees("I know no environment `prdo`", channel=DEPLOYS)
    assert answer.buttons == ()


@pytest.mark.parametrize("text", ["can", "can deploy prod", "why", "why 1"])
async def test_question_in_a_channel_without_rules_is_refused_like_any(world: World, text: str) -> None:
    await world.ana.says(f"/oec {text}", RANDOM)
    refusal = await world.ana.sees("No rule speaks of <#C0RANDOM>", channel=RANDOM)
    assert refusal.is_private
    assert "`oec.yml`, line" in refusal.words


async def test_why_tells_the_rules_and_the_votes_behind_a_run(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.cleo.presses("Approve", card)
    await world.cleo.sees("may not", channel=DEPLOYS, without=("waits for approval",))
    await world.ben.presses("Approve", card)
    task = await world.hosting.the_task(PROD)
    await world.hosting.moves(task["id"], status="completed")
    await world.ana.sees("is deployed", channel=DEPLOYS, thread=card.ts)
    await world.cleo.says("/oec why 1", DEPLOYS)
    told = await world.cleo.sees("Why *#1", channel=DEPLOYS)
    assert told.is_private
    assert "<@U0ANA> asked for `deploy prod`" in told.words
    assert "channels.C0DEPLOYS[0]" in told.words
    assert _line_of(world, "who: releasers") in told.words
    assert re.search(r"rules version `[0-9a-f]{12}`", told.words)
    assert "`approvals[2]`" in told.words
    assert "a vote by <@U0CLEO> did not count: the rules did not let them" in told.words
    assert "<@U0BEN> decided: granted" in told.words
    assert "The rules are the same today" in told.words
    await world.until_idle()
    await world.ana.reads_thread(card)


async def test_why_says_what_would_be_decided_once_the_rules_have_changed(world: World) -> None:
    await world.cleo.says("/oec restart dev", DEPLOYS)
    card = await world.cleo.sees("`dev`", "#1", channel=DEPLOYS)
    text = world.rules.read_text(encoding="utf-8")
    stricter = text.replace(
        "    - {may: everything, on: [staging, dev, old], who: everyone}",
        "    - {may: everything, on: [staging, dev, old], who: everyone}\n"
        "    - {may: restart, on: dev, who: everyone, deny: true}",
    )
    world.write_rules(stricter)
    await world.ana.sees("rules", channel="C0OPS")
    await world.cleo.says("/oec why 1", DEPLOYS)
    told = await world.cleo.sees("Why *#1", "The rules have changed since", channel=DEPLOYS)
    assert "let it through at once" in told.words
    assert "<@U0CLEO> may not `restart dev`" in told.words
    assert "The third line of <#C0DEPLOYS> keeps everyone" in told.words
    await world.until_idle()
    await world.cleo.reads_thread(card)


async def test_why_alone_tells_of_the_last_refusal_here(world: World) -> None:
    await world.cleo.says("/oec why", SUPPORT)
    await world.cleo.sees("You were refused nothing here", channel=SUPPORT)
    await world.cleo.says("/oec deploy prod", SUPPORT)
    await world.cleo.sees("You may not `deploy prod`", channel=SUPPORT)
    await world.cleo.says("/oec why", SUPPORT)
    told = await world.cleo.sees("You were refused `deploy prod`", channel=SUPPORT)
    assert "No line of <#C0SUPPORT> lets you" in told.words
    assert "`channels.C0SUPPORT`" in told.words
    assert "The rules are the same today" in told.words


async def test_run_of_another_channels_environment_is_not_explained(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    await world.ana.sees("waits for approval", channel=DEPLOYS)
    await world.cleo.says("/oec why 1", SUPPORT)
    await world.cleo.sees("I know no run #1 that this channel may see", channel=SUPPORT)


async def test_help_tells_of_both(world: World) -> None:
    await world.cleo.says("/oec help can", DEPLOYS)
    await world.cleo.sees("/oec can deploy", "/oec can @ana deploy", channel=DEPLOYS)
    await world.cleo.says("/oec why ?", DEPLOYS)
    await world.cleo.sees("/oec why 42", channel=DEPLOYS)


def _line_of(world: World, words: str) -> str:
    """Where the rule with these words stands in the file, as people are told it."""
    lines = world.rules.read_text(encoding="utf-8").splitlines()
    return f"`oec.yml`, line {next(number for number, line in enumerate(lines, 1) if words in line)}:"
