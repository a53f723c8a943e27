"""The pre-flight: what an approver is told of the environment, each part if it comes, none of it in the way of the ask."""

from datetime import timedelta

import pytest

from bot.core.budget import Budget
from bot.core.errors import HostingRefusedError, HostingUnavailableError
from bot.core.pre_flight import Backups, PreFlight
from bot.core.runs import RunState
from bot.core.tasks import EnvironmentReport, TaskStatus
from bot.flow.pre_flight import PreFlights
from tests.flow.stage import Stage, words_of
from tests.support.factories import ANA, BEN, CLEO, PROD, STAGING, an_ask

REFUSED = HostingRefusedError(status=404, code="not_found")
UNWELL = HostingUnavailableError("timeout")


def pre_flights(stage: Stage, *, patience: float = 60) -> PreFlights:
    """A pre-flight that shows at once what is there, and waits so many seconds for the rest."""
    cards, runs = stage.flow.cards, stage.flow.tracker._runs
    span = timedelta(seconds=patience)
    return PreFlights(
        stage.store, stage.hosting, stage.clock, cards, runs, soon=timedelta(seconds=0.05), patience=span
    )


async def seen(stage: Stage, number: int = 1) -> PreFlight:
    """What a run's pre-flight has found."""
    report = (await stage.run(number)).environment_seen
    assert report is not None
    assert report.pre_flight is not None
    return report.pre_flight


async def test_approver_reads_what_is_at_work_there_and_how_old_the_backup_is(stage: Stage) -> None:
    stage.hosting.backups[PROD.id] = Backups(stage.clock.now() - timedelta(hours=5))
    stage.hosting.moves(stage.hosting.begins_elsewhere(PROD.id, "backup"), TaskStatus.RUNNING)
    await stage.ask("deploy prod", ANA)
    shown = words_of((await stage.card()).now)
    assert "`backup` is at work there since" in shown
    assert "not asked for here" in shown
    assert "last backup 5 h ago" in shown
    assert "as of" in shown


async def test_task_asked_for_in_the_dashboard_is_told_as_such(stage: Stage) -> None:
    stage.hosting.moves(stage.hosting.begins_elsewhere(PROD.id, "redeploy"), triggered_by="user-7")
    await stage.ask("deploy prod", ANA)
    assert "asked for in the oec.sh dashboard" in words_of((await stage.card()).now)


async def test_task_of_our_own_is_told_with_its_number_and_a_link(stage: Stage) -> None:
    """Somebody restarted it while the deploy waited; at the next look, the card knows."""
    await stage.ask("deploy prod", ANA)
    await stage.ask("restart prod", CLEO)
    await pre_flights(stage).look(await stage.run(1))
    await stage.settle()
    shown = words_of((await stage.card(1)).now)
    assert "`restart` waits to begin there" in shown
    assert "archives/C0DEPLOYS" in shown
    assert "#2" in shown


async def test_task_that_has_ended_is_in_nobodys_way(stage: Stage) -> None:
    stage.hosting.moves(stage.hosting.begins_elsewhere(PROD.id), TaskStatus.COMPLETED)
    await stage.ask("deploy prod", ANA)
    assert (await seen(stage)).open_task is None


async def test_run_that_starts_at_once_asks_for_nothing_more_than_the_environment(stage: Stage) -> None:
    await stage.ask("restart staging", CLEO)
    assert stage.hosting.extra_looks == []
    report = (await stage.run()).environment_seen
    assert report is not None
    assert report.pre_flight is None


@pytest.mark.parametrize("error", [REFUSED, UNWELL])
async def test_backups_that_are_not_told_leave_the_rest(
    stage: Stage, error: HostingRefusedError | HostingUnavailableError
) -> None:
    stage.hosting.backups_trouble = error
    stage.hosting.begins_elsewhere(PROD.id)
    await stage.ask("deploy prod", ANA)
    shown = words_of((await stage.card()).now)
    assert "waits to begin there" in shown
    assert "running" in shown
    assert "last backup" not in shown
    assert "no finished backup" not in shown


async def test_tasks_that_are_not_told_leave_the_rest(stage: Stage) -> None:
    stage.hosting.listing_trouble = UNWELL
    await stage.ask("deploy prod", ANA)
    assert await seen(stage) == PreFlight(stage.clock.now(), None, Backups())


async def test_environment_that_is_not_told_leaves_the_rest(stage: Stage) -> None:
    stage.hosting.environment_trouble = UNWELL
    stage.hosting.begins_elsewhere(PROD.id)
    await stage.ask("deploy prod", ANA)
    assert "waits to begin there" in words_of((await stage.card()).now)


async def test_nothing_told_at_all_leaves_the_card_as_it_was(stage: Stage) -> None:
    stage.hosting.environment_trouble = stage.hosting.listing_trouble = stage.hosting.backups_trouble = UNWELL
    await stage.ask("deploy prod", ANA)
    run = await stage.run()
    assert run.environment_seen is None
    assert "as of" not in words_of((await stage.card()).now)
    await stage.vote(run, BEN)
    assert (await stage.run()).state is RunState.RUNNING


async def test_part_that_takes_long_is_shown_when_it_comes(stage: Stage) -> None:
    stage.hosting.backups[PROD.id] = Backups(stage.clock.now() - timedelta(hours=5))
    await stage.ask("deploy prod", ANA)
    stage.hosting.withholds("backups")
    stage.clock.forward(minutes=2)
    stage.hosting.environments[PROD.id] = EnvironmentReport(PROD.id, status="paused")
    looking = stage.flow.background.start(pre_flights(stage).look(await stage.run()), name="look again")
    await stage.until(lambda: "paused" in words_of(stage.chat.screen[0].now))
    assert "last backup" not in words_of((await stage.card()).now)
    stage.hosting.tells("backups")
    await looking
    await stage.settle()
    assert "last backup 5 h ago" in words_of((await stage.card()).now)


async def test_part_that_never_comes_is_given_up_and_holds_nothing_up(stage: Stage) -> None:
    await stage.ask("deploy prod", ANA)
    stage.hosting.withholds("open task")
    stage.clock.forward(minutes=2)
    await pre_flights(stage, patience=0.1).look(await stage.run())
    assert await seen(stage) == PreFlight(stage.clock.now(), None, Backups())
    stage.hosting.tells("open task")


async def test_ask_is_decided_while_its_pre_flight_hangs(stage: Stage) -> None:
    for what in ("environment", "open task", "backups"):
        stage.hosting.withholds(what)
    await stage.flow.desk.ask(an_ask("deploy prod", ANA))
    await stage.until(lambda: bool(stage.chat.screen))
    await stage.vote_now(await stage.run(), BEN)
    await stage.until(lambda: bool(stage.hosting.posts))
    for what in ("environment", "open task", "backups"):
        stage.hosting.tells(what)
    await stage.settle()
    assert (await stage.run()).state is RunState.RUNNING


async def test_second_look_that_fails_keeps_what_the_first_one_saw_with_its_time(stage: Stage) -> None:
    await stage.ask("deploy prod", ANA)
    first = await seen(stage)
    stage.clock.forward(minutes=7)
    stage.hosting.environment_trouble = UNWELL
    await pre_flights(stage).look(await stage.run())
    assert await seen(stage) == first


async def test_limits_that_leave_hardly_anything_are_left_to_people(stage: Stage) -> None:
    stage.hosting.budget = Budget(limit=120, remaining=5, told_at=stage.clock.now())
    await stage.ask("deploy prod", ANA)
    assert stage.hosting.extra_looks == []
    assert await seen(stage) == PreFlight(stage.clock.now())


async def test_what_was_found_outlives_a_restart(stage: Stage) -> None:
    stage.hosting.backups[PROD.id] = Backups(stage.clock.now() - timedelta(hours=5))
    stage.hosting.begins_elsewhere(PROD.id)
    await stage.ask("deploy prod", ANA)
    found = await seen(stage)
    await stage.restart(minutes=1)
    assert await seen(stage) == found


async def test_data_loss_without_a_fresh_backup_is_warned_of(stage: Stage) -> None:
    stage.hosting.backups[STAGING.id] = Backups(stage.clock.now() - timedelta(hours=30))
    await stage.ask("reinit staging sale", CLEO)
    assert "The newest backup that oec.sh shows was made 1 day ago" in words_of((await stage.card()).now)
