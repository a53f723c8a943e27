"""What only reads: status, history, a run, its log, help, the App Home; and asking inside a thread."""

import pytest

from tests.support.hosting import STAGING
from tests.support.reading import read_words
from tests.support.world import DEPLOYS, SUPPORT, World


async def test_status_shows_the_environments_of_this_channel(world: World) -> None:
    await world.cleo.says("/oec status", DEPLOYS)
    status = await world.cleo.sees("`prod`", "`staging`", "`dev`", "`old`", channel=DEPLOYS)
    assert status.is_private
    assert "running" in status.words
    assert "stopped" in status.words
    assert "erp.client.example" in status.words
    assert "main" in status.words

    await world.cleo.says("/oec status", SUPPORT)
    here = await world.cleo.sees("`staging`", channel=SUPPORT)
    assert "`prod`" not in here.words


async def test_status_of_one_environment_names_its_open_run(world: World) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    card = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)
    await world.cleo.says("/oec status staging", DEPLOYS)
    status = await world.cleo.sees("`staging`", "#1", "staging.client.example", channel=DEPLOYS)
    assert status.is_private


async def test_status_says_so_where_the_platform_does_not_answer(world: World) -> None:
    await world.hosting.fails(method="GET", path="/environments/*", kind="status", status=500, times=50)
    await world.cleo.says("/oec status prod", DEPLOYS)
    status = await world.cleo.sees("`prod`", "oec.sh", channel=DEPLOYS)
    assert "running" not in status.words


async def test_run_and_log_are_shown_to_the_asker_only(world: World) -> None:
    await world.hosting.pace(mode="reads", reads=2)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    card = await world.cleo.sees("✓", "#1", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)
    await world.cleo.says("/oec run 1", DEPLOYS)
    shown = await world.cleo.sees("#1", "<@U0CLEO>", "sent to oec.sh", "ended: done", channel=DEPLOYS)
    await world.cleo.says("/oec logs 1", DEPLOYS)
    log = await world.cleo.sees("Log of #1", channel=DEPLOYS)
    assert log.is_private
    assert shown.ts
    world.may_leave_unread = True


async def test_run_of_an_unseen_environment_is_not_shown(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    await world.ana.sees("waits for approval", channel=DEPLOYS)
    await world.cleo.says("/oec run 1", SUPPORT)
    answer = await world.cleo.sees("#1", channel=SUPPORT)
    assert "prod" not in answer.words


async def test_help_lists_only_what_this_person_may_do_here(world: World) -> None:
    await world.cleo.says("/oec", SUPPORT)
    here = await world.cleo.sees("restart", channel=SUPPORT)
    assert "deploy prod" not in here.words
    assert "reinit" not in here.words
    await world.ana.says("/oec help", DEPLOYS)
    there = await world.ana.sees("deploy", "restart", channel=DEPLOYS)
    assert "`prod`" in there.words


async def test_mention_in_a_thread_keeps_card_and_progress_in_that_thread(world: World) -> None:
    said = await world.cleo.says("<@U0OECBOT> hello", DEPLOYS)
    await world.cleo.sees("`hello`", channel=DEPLOYS)
    await world.cleo.says("<@U0OECBOT> restart staging", DEPLOYS, thread=said["ts"])
    card = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS, thread=said["ts"])
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="running", steps_completed=1, progress_percent=33)
    shown = await world.cleo.sees("33 %", channel=DEPLOYS, thread=said["ts"])
    assert shown.ts == card.ts
    await world.hosting.moves(task["id"], status="completed")
    await world.cleo.sees("<@U0CLEO>, `staging` is restarted", channel=DEPLOYS, thread=said["ts"])
    bots_own = [seen for seen in await world.cleo.looks_at(DEPLOYS) if seen.raw["user"] == "U0OECBOT"]
    assert all(seen.is_private for seen in bots_own)


async def test_message_shortcut_asks_in_the_thread_of_that_message(world: World) -> None:
    said = await world.cleo.says("<@U0OECBOT> hello", DEPLOYS)
    await world.cleo.sees("`hello`", channel=DEPLOYS)
    messages = await world.cleo.looks_at(DEPLOYS)
    mine = next(seen for seen in messages if seen.ts == said["ts"])
    await world.cleo.uses_shortcut("oec_message", mine)
    await world.cleo.submits("restart staging")
    await world.cleo.sees("`staging`", "#1", channel=DEPLOYS, thread=said["ts"])
    assert await world.hosting.the_task(STAGING)


@pytest.mark.parametrize("user_id", ["U0ANA", "U0CLEO", "U0GUS"])
async def test_app_home_shows_what_this_person_may_do_where(world: World, user_id: str) -> None:
    home = await world.person(user_id).opens_home()
    words = read_words(home)
    assert ("`prod`" in words) == (user_id == "U0ANA")
    assert "oec" in words
