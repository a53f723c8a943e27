"""What may not be done, or cannot: every refusal says why and what to do next, privately, and triggers nothing."""

from dataclasses import replace

import pytest

from tests.support.hosting import OLD, PROD, STAGING
from tests.support.world import DEPLOYS, OPS, RANDOM, SUPPORT, World


async def test_channel_without_rules_refuses_with_a_next_step(world: World) -> None:
    await world.ana.says("/oec deploy prod", RANDOM)
    refusal = await world.ana.sees("No rule speaks of <#C0RANDOM>", channel=RANDOM)
    assert refusal.is_private
    assert "<#C0DEPLOYS>" in refusal.words
    assert await world.hosting.posts() == []


async def test_guest_is_refused(world: World) -> None:
    await world.gus.says("/oec deploy prod", DEPLOYS)
    refusal = await world.gus.sees("guest", channel=DEPLOYS)
    assert refusal.is_private
    assert await world.hosting.posts() == []


async def test_support_channel_names_the_rule_and_what_is_possible_here(world: World) -> None:
    await world.cleo.says("/oec deploy prod", SUPPORT)
    refusal = await world.cleo.sees("You may not `deploy prod`", channel=SUPPORT)
    assert refusal.is_private
    assert "restart" in refusal.words
    assert "`staging`" in refusal.words
    assert "releasers" in refusal.words
    assert "channels.C0DEPLOYS[0]" in refusal.words
    assert await world.hosting.posts() == []


async def test_mistyped_environment_offers_the_nearest_by_button(world: World) -> None:
    await world.ana.says("/oec deploy prdo", DEPLOYS)
    offer = await world.ana.sees("`prdo`", "Did you mean", channel=DEPLOYS)
    assert offer.is_private
    assert offer.buttons == ("prod",)
    await world.ana.presses("prod", offer)
    await world.ben.sees("Deploy `prod`", "waits for approval", channel=DEPLOYS)
    assert await world.hosting.posts() == []


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "please make it go",
        "x" * 3000,
        "deploy \x00\x07\x1b[31m prod\u202e",
        "deploy <!channel>",
        "<!channel> <!here> @everyone",
        "déployer «prod»",
        "deploy „prd“",
        "restart ' ; drop table runs; --",
        "```*bold*``` `code` <@U0BEN>",
    ],
)
async def test_nonsense_gets_a_kind_answer_and_pings_nobody(world: World, nonsense: str) -> None:
    await world.cleo.says(f"/oec {nonsense}", DEPLOYS)
    await world.cleo.sees("", channel=DEPLOYS)
    await world.until_idle()
    [answer, *more] = [seen for seen in await world.cleo.looks_at(DEPLOYS) if seen.raw["user"] == "U0OECBOT"]
    assert not more
    assert answer.is_private
    assert len(answer.words) < 3000
    raw = str(answer.raw["text"]) + str(answer.raw["blocks"])
    assert all(ping not in raw for ping in ("<!channel>", "<!here>", "<!everyone>", "<@U0BEN>"))
    assert await world.hosting.posts() == []


async def test_busy_environment_names_the_run_and_follows_it(world: World) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    card = await world.ben.sees("`staging`", "#1", channel=DEPLOYS)
    await world.ben.sees("queued", channel=DEPLOYS, thread=card.ts)
    await world.ben.says("/oec deploy staging", DEPLOYS)
    busy = await world.ben.sees("`staging` is busy", "<@U0CLEO>", "#1", channel=DEPLOYS)
    assert busy.is_private
    assert busy.buttons == ("Follow it",)
    await world.ben.presses("Follow it", busy)
    await world.ben.sees("You follow #1", channel=DEPLOYS)
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="completed")
    await world.ben.sees("<@U0BEN>", "<@U0CLEO>", channel=DEPLOYS, thread=card.ts)
    await world.ben.reads_thread(card)
    assert len(await world.hosting.posts()) == 1


async def test_task_started_in_the_dashboard_is_named_and_can_be_followed(world: World) -> None:
    foreign = await world.hosting.starts(STAGING, "deploy")
    await world.cleo.says("/oec restart staging", DEPLOYS)
    refused = await world.cleo.sees("`staging`", "refused", "already at work", "#1", channel=DEPLOYS)
    assert "Follow it" in refused.buttons
    await world.cleo.sees("<@U0CLEO>", channel=DEPLOYS, thread=refused.ts)
    await world.cleo.presses("Follow it", refused)
    adopted = await world.cleo.sees("elsewhere", "#2", channel=DEPLOYS)
    await world.hosting.moves(foreign["id"], status="completed")
    await world.cleo.sees("✓", "#2", channel=DEPLOYS)
    await world.until_idle()
    assert "<@U0CLEO>" in await world.cleo.reads_thread(adopted)
    await world.cleo.sees("You follow #2", channel=DEPLOYS)


@pytest.mark.parametrize(
    ("text", "words"),
    [("/oec restart old", "not running"), ("/oec start staging", "not stopped")],
)
async def test_platform_refusal_becomes_a_sentence_with_a_next_step(
    world: World, text: str, words: str
) -> None:
    await world.ana.says(text, DEPLOYS)
    card = await world.ana.sees("✕", words, "Nothing was triggered", channel=DEPLOYS)
    await world.until_idle()
    await world.ana.sees("<@U0ANA>", channel=DEPLOYS, thread=card.ts)
    assert await world.hosting.tasks(OLD) == []


async def test_same_ask_typed_twice_is_told_about_the_first(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    await world.ana.sees("waits for approval", "#1", channel=DEPLOYS)
    await world.ana.says("/oec deploy prod", DEPLOYS)
    second = await world.ana.sees("#1", channel=DEPLOYS, without=("Asked by",))
    assert second.is_private
    assert await world.hosting.tasks(PROD) == []


async def test_button_of_another_time_is_answered(world: World) -> None:
    await world.ana.says("/oec deploy prdo", DEPLOYS)
    offer = await world.ana.sees("Did you mean", channel=DEPLOYS)
    await world.stop_bot()
    world.database.unlink()
    await world.start_bot()
    await world.ana.presses("prod", offer)
    answer = await world.ana.sees("no longer", channel=DEPLOYS)
    assert answer.is_private
    assert await world.hosting.posts() == []


async def test_channel_without_the_bot_is_told_to_invite_it(world: World) -> None:
    await world.stop_bot()
    text = world.rules.read_text(encoding="utf-8")
    here = "channels:\n  C0RANDOM:\n    - {may: [restart], on: [staging], who: everyone}\n"
    world.write_rules(text.replace("channels:\n", here))
    await world.start_bot()
    assert any("I am not in #random" in line for line in world.lines)
    await world.ana.sees("New rules are in force", channel=OPS)
    await world.cleo.says("/oec restart staging", RANDOM)
    answer = await world.cleo.sees("/invite @oec", channel=RANDOM)
    assert answer.is_private
    assert await world.hosting.posts() == []


async def test_person_of_another_workspace_is_refused(world: World) -> None:
    users = world.sandbox.workspace.workspace.users
    world.sandbox.workspace.workspace.put_user(replace(users["U0CLEO"], team_id="T0OTHER"))
    await world.cleo.says("/oec restart staging", DEPLOYS)
    refusal = await world.cleo.sees("another workspace", channel=DEPLOYS)
    assert refusal.is_private
    assert await world.hosting.posts() == []
