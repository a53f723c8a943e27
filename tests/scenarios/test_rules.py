"""The operators change the rules while the bot runs: what breaks its own tests or comes to nothing is refused, out loud."""

import pytest

from tests.support.hosting import PROD, STAGING
from tests.support.world import DEPLOYS, OPS, SUPPORT, World

SUPPORT_LINE = "    - {may: [restart], on: [staging], who: everyone}"


async def writes_rules(world: World, old: str, new: str) -> int:
    """The operators save the file; the line of what they changed."""
    text = world.rules.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"the rules say {old!r} {text.count(old)} times"
    world.write_rules(text.replace(old, new))
    return text[: text.index(old)].count("\n") + 1


async def cleo_is_refused(world: World) -> None:
    await world.cleo.says("/oec restart staging", SUPPORT)
    refusal = await world.cleo.sees("You may not `restart staging`", channel=SUPPORT)
    assert refusal.is_private


async def test_version_that_breaks_its_own_test_is_refused_and_a_good_one_comes_into_force(
    world: World,
) -> None:
    before = world.rules.read_text(encoding="utf-8")
    await writes_rules(world, SUPPORT_LINE, "    - {may: [restart], on: [staging], who: releasers}")
    refused = await world.ben.sees("The changed rules are not taken: 1 mistake", channel=OPS)
    broken = "{person: U0CLEO, channel: C0SUPPORT, action: restart staging, expect: allowed}"
    line = before[: before.index(broken)].count("\n") + 1
    assert f"oec.yml:{line}: a test fails." in refused.words
    assert "expected allowed, got denied (no line of C0SUPPORT lets them)" in refused.words
    assert "The rules before stay in force." in refused.words

    # Cleo may still restart staging from #support: nothing has changed for anybody.
    await world.cleo.says("/oec restart staging", SUPPORT)
    card = await world.cleo.sees("`staging`", "#1", channel=SUPPORT)
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="completed")
    await world.cleo.sees("`staging` is restarted", channel=SUPPORT, thread=card.ts)
    await world.until_idle()
    await world.cleo.reads_thread(card)

    # They mean it, so they say it in the test too.
    await writes_rules(world, broken, broken.replace("allowed", "denied"))
    taken = await world.ben.sees("New rules are in force", channel=OPS)
    assert "2 channels" in taken.words
    await cleo_is_refused(world)
    assert len(await world.hosting.posts()) == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        # three of a group of whom the bot knows that they are two
        (
            "{for: [deploy], on: protected, by: releasers, expires: 15m}",
            "{for: [deploy], on: protected, by: releasers, count: 3, expires: 15m}",
            "3 different people could not ever approve it (ˋapprovals[2]ˋ)",
        ),
        # a deploy of all modules is an update too, and nobody is both a lead and a releaser
        (
            "{for: [deploy], on: protected, by: releasers, expires: 15m}",
            "{for: [deploy], on: protected, by: leads, expires: 15m}",
            "ask for ˋdeploy prod modules=allˋ, which is ˋdeployˋ, ˋupdate_allˋ at once, but nobody could ever approve it",
        ),
        ("by: seniors, count: 2", "by: seniors, count: none", "is a number from 1 to 20, not ˋnoneˋ"),
    ],
)
async def test_version_with_an_approval_that_could_never_be_given_is_refused(
    world: World, old: str, new: str, words: str
) -> None:
    await writes_rules(world, old, new)
    refused = await world.ben.sees("The changed rules are not taken", channel=OPS)
    assert words in refused.words


async def test_wrong_version_that_is_taken_back_is_told_to_be_right_again(world: World) -> None:
    """Else a warning that is no longer true would be the last word about the rules."""
    good = world.rules.read_text(encoding="utf-8")
    world.write_rules(good + "chanels: {}\n")
    await world.ben.sees("The changed rules are not taken", channel=OPS)
    world.write_rules(good)
    await world.ben.sees("The rules file is right again", channel=OPS)


async def test_deploy_of_all_modules_names_both_rules_that_ask_for_an_approval(world: World) -> None:
    await world.ana.says("/oec can deploy prod modules=all", DEPLOYS)
    told = await world.ana.sees("may ask for", channel=DEPLOYS)
    assert "The second approval rule asks for it" in told.words
    assert "The third approval rule asks for it" in told.words

    await world.ana.says("/oec deploy shop modules=all", DEPLOYS)
    barred = await world.ana.sees("You may not `deploy shop modules=all`", channel=DEPLOYS)
    assert "It is `deploy` and `update_all` at once, and you may not `update_all`." in barred.words
    assert "takes `deploy` alone" in barred.words

    await world.ana.says("/oec deploy prod modules=all", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.cleo.presses("Approve", card)
    refusal = await world.cleo.sees("You may not decide #1", channel=DEPLOYS)
    assert "approvals[1] and approvals[2]" in refusal.words
    await world.ben.presses("Approve", card)
    task = await world.hosting.the_task(PROD)
    await world.hosting.moves(task["id"], status="completed")
    await world.until_idle()
    await world.ana.reads_thread(card)
    await world.ana.says("/oec why 1", DEPLOYS)
    await world.ana.sees("asked for", "approvals[1] and approvals[2]", channel=DEPLOYS)


async def test_version_that_takes_all_rights_from_everyone_is_refused(world: World) -> None:
    text = world.rules.read_text(encoding="utf-8")
    start, end = text.index("channels:"), text.index("approvals:")
    kept = f"channels:\n  C0DEPLOYS: []\n\n{text[end:]}"
    world.write_rules(text[:start] + kept[: kept.index("tests:")])
    refused = await world.ben.sees("The changed rules are not taken", channel=OPS)
    assert "ˋchannelsˋ lets nobody do anything" in refused.words

    # The rules before still let Ana restart dev.
    await world.ana.says("/oec help restart", DEPLOYS)
    await world.ana.sees("Here: ", "`dev`", channel=DEPLOYS)
