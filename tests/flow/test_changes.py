"""Beginning a run: once per ask, one at a time per environment, and always with an answer."""

import asyncio

import pytest

from bot.core.entries import BlockedAsk
from bot.core.errors import HostingUnavailableError
from bot.core.facts import EnvironmentSeen
from bot.core.names import RunId
from bot.core.policy import Person
from bot.core.runs import RunState
from bot.core.tasks import EnvironmentReport, TaskStatus
from tests.flow.stage import Stage, words_of
from tests.support.factories import ANA, BEN, CLEO, DEPLOYS, PROD, STAGING, an_ask


async def run_count(stage: Stage) -> int:
    """How many runs there ever were."""
    environments = frozenset(environment.id for environment in stage.rules.catalog.environments)
    return len(await stage.store.find_runs(environments, count=50))


async def test_same_ask_twice_by_one_person_begins_one_run(stage: Stage) -> None:
    await stage.ask("restart staging", CLEO)
    stage.clock.forward(seconds=20)
    await stage.ask("restart staging", CLEO)
    assert await run_count(stage) == 1
    [told] = stage.told(CLEO)
    assert "already under way" in told
    assert "archives/C0DEPLOYS" in told


@pytest.mark.parametrize("text", ["restart staging", "deploy prod"])
async def test_same_ask_many_times_at_once_begins_one_run(stage: Stage, text: str) -> None:
    await asyncio.gather(*(stage.flow.desk.ask(an_ask(text, CLEO)) for _ in range(5)))
    await stage.settle()
    assert await run_count(stage) == 1
    assert len(stage.told(CLEO)) == 4
    assert len(stage.hosting.posts) == (text == "restart staging")


async def test_same_ask_in_the_middle_of_the_first_does_not_overtake_it(stage: Stage) -> None:
    """Nothing is written down yet that the second could see: it has to wait, not to look."""
    second: list[asyncio.Task[None]] = []

    async def ask_again() -> None:
        second.append(asyncio.create_task(stage.flow.desk.ask(an_ask("deploy prod", CLEO))))
        await asyncio.wait(second, timeout=0.1)

    stage.meddler.before("record_run", ask_again)
    await stage.ask("deploy prod", CLEO)
    await asyncio.gather(*second)
    assert await run_count(stage) == 1
    assert len(stage.told(CLEO)) == 1


async def test_ask_for_what_waits_for_approval_shows_where_it_waits(stage: Stage) -> None:
    await stage.ask("deploy prod", ANA)
    stage.clock.forward(minutes=5)
    await stage.ask("deploy prod", CLEO)
    assert await run_count(stage) == 1
    assert "waiting for approval, asked by <@U0ANA>" in stage.told(CLEO)[0]


async def test_ask_for_other_modules_of_what_waits_is_another_ask(stage: Stage) -> None:
    await stage.ask("deploy prod", ANA)
    await stage.ask("deploy prod modules=sale", ANA)
    assert await run_count(stage) == 2


async def test_busy_environment_is_told_with_whose_run_it_is(stage: Stage) -> None:
    await stage.ask("restart staging", CLEO)
    await stage.ask("deploy staging", BEN)
    assert await run_count(stage) == 1
    assert "`staging` is busy: <@U0CLEO>'s restart (#1)" in stage.told(BEN)[0]
    assert len(stage.hosting.posts) == 1
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await stage.turn()
    await stage.ask("deploy staging", BEN)
    assert (await stage.run(2)).state is RunState.RUNNING


async def test_ask_that_met_another_run_is_in_the_record_of_that_one(stage: Stage) -> None:
    await stage.ask("restart staging", CLEO)
    await stage.ask("deploy staging", BEN)
    await stage.ask("restart staging", CLEO)
    recorded = await stage.store.find_entries(RunId(1))
    met = [one.entry for one in recorded if isinstance(one.entry, BlockedAsk)]
    assert [(one.by, one.text, one.is_same) for one in met] == [
        (BEN.user_id, "deploy staging", False),
        (CLEO.user_id, "restart staging", True),
    ]
    assert {(one.channel_id, one.rule, one.digest) for one in met} == {
        (DEPLOYS, "channels.C0DEPLOYS[0]", "d1")
    }


async def test_same_person_asking_the_same_minutes_later_is_told_that_it_is_busy(stage: Stage) -> None:
    await stage.ask("restart staging", CLEO)
    stage.clock.forward(minutes=2)
    await stage.ask("restart staging", CLEO)
    assert "is busy" in stage.told(CLEO)[0]


async def test_same_ask_of_somebody_else_is_told_whose_run_is_under_way(stage: Stage) -> None:
    await stage.ask("restart staging", CLEO)
    stage.clock.forward(seconds=20)
    await stage.ask("restart staging", BEN)
    assert await run_count(stage) == 1
    assert "<@U0CLEO>'s restart (#1)" in stage.told(BEN)[0]


@pytest.mark.parametrize(
    ("by", "words"), [(CLEO, "already under way"), (BEN, "<@U0CLEO>'s restart (#1) is starting")]
)
async def test_same_ask_while_the_first_has_no_answer_yet_is_told_so(
    stage: Stage, by: Person, words: str
) -> None:
    stage.hosting.fails_next(HostingUnavailableError("timeout", may_have_acted=True), times=100)
    await stage.ask("restart staging", CLEO)
    stage.clock.forward(seconds=20)
    await stage.ask("restart staging", by)
    assert (await stage.run()).state is RunState.SUBMITTING
    assert await run_count(stage) == 1
    assert words in stage.told(by)[0]
    assert len({post.key for post in stage.hosting.posts}) == 1


async def test_environment_taken_while_the_ask_is_written_down_is_answered(stage: Stage) -> None:
    """An approval is granted in the same moment: the vote takes the environment first."""
    await stage.ask("deploy prod", ANA)
    waiting = await stage.run()
    stage.meddler.before("record_run", lambda: stage.vote_now(waiting, BEN))
    await stage.ask("restart prod", CLEO)
    assert await run_count(stage) == 1
    assert "is busy" in stage.told(CLEO)[0]
    assert (await stage.run()).state is RunState.RUNNING


async def test_environment_freed_before_it_could_be_told_busy_is_used(stage: Stage) -> None:
    """Whoever held the environment is gone by the time it is looked for: then there is nothing in the way."""
    await stage.ask("deploy prod", ANA)
    waiting = await stage.run()

    async def take_and_free() -> None:
        await stage.vote_now(waiting, BEN)
        stage.meddler.before("find_open_runs", free)

    async def free() -> None:
        stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
        stage.clock.forward(seconds=2)
        await stage.flow.tracker.look_once()
        await stage.until(lambda: bool(stage.ends(1)))

    stage.meddler.before("record_run", take_and_free)
    await stage.ask("restart prod", CLEO)
    assert (await stage.run(1)).state is RunState.DONE
    assert (await stage.run(2)).state is RunState.RUNNING


async def test_environment_as_it_stands_is_on_the_card_of_an_approval(stage: Stage) -> None:
    stage.hosting.environments[PROD.id] = EnvironmentReport(
        PROD.id, "production", "Client ERP", "stopped", "https://erp.client.example", "main"
    )
    await stage.ask("deploy prod", ANA)
    shown = words_of((await stage.card()).now)
    assert "stopped" in shown
    assert "erp.client.example" in shown


async def test_environment_that_cannot_be_looked_at_holds_nothing_up(stage: Stage) -> None:
    stage.hosting.environment_trouble = HostingUnavailableError("timeout")
    await stage.ask("restart staging", CLEO)
    assert (await stage.run()).state is RunState.RUNNING


async def test_pre_flight_in_the_same_moment_as_the_submission_loses_neither(stage: Stage) -> None:
    """What was seen of the environment is told just before the intent to submit is written down."""
    stage.hosting.environment_trouble = HostingUnavailableError("timeout")

    async def see() -> None:
        seen = EnvironmentSeen(EnvironmentReport(STAGING.id, status="running", url="https://s.example"))
        await stage.flow.tracker._runs.tell((await stage.run()).id, seen)

    stage.meddler.before("record_advance", see)
    await stage.ask("restart staging", CLEO)
    run = await stage.run()
    assert run.state is RunState.RUNNING
    assert run.environment_seen is not None
    assert await stage.entries() == ["Asked", "Sent", "Started"]
    assert len(stage.hosting.posts) == 1


async def test_card_that_slack_refuses_ends_the_ask_and_says_why(stage: Stage) -> None:
    stage.chat.refuses("post card", "not_in_channel", times=1)
    await stage.ask("deploy prod", ANA)
    assert (await stage.run()).state is RunState.DROPPED
    assert "/invite" in stage.told(ANA)[0]
    assert list(await stage.store.find_waiting_approvals()) == []
    await stage.ask("deploy prod", ANA)
    assert (await stage.run(2)).state is RunState.WAITING
