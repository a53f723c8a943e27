"""What is under way in the benchmark's history: runs that go on, runs that wait for approval, and pleas."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from bot.core.entries import Asked, Pleaded
from bot.core.intents import typed_form
from bot.core.names import ApprovalId, ButtonId, EnvironmentId, RequestKey, RunId
from bot.core.pleas import OPEN_FOR, Opening, Plea, withdraw
from bot.core.rules import RuleSource
from bot.core.runs import Run, RunState
from bot.history.store import HistoryStore
from tests.benchmarks.patterns import draw_approval

OPEN_RUNS = 10
WAITING = 10
OPEN_PLEAS = 5
PLEAS = 300
"""As many as a busy team makes in the thirty days for which they are kept."""


async def put_under_way(store: HistoryStore, run: Run) -> None:
    """Record all that, by people like the one who asked for this run."""
    for number in range(OPEN_RUNS):
        await let_begin(store, like(run, -1 - number))
    for number in range(WAITING):
        await let_wait(store, like(run, -100 - number))
    for number in range(PLEAS):
        plea = await plead(store, run, number)
        if number >= OPEN_PLEAS:
            await store.record_plea_change(plea, withdraw(plea))


async def let_begin(store: HistoryStore, run: Run) -> Run | None:
    """Record a run that needs nobody's approval."""
    return await store.record_run(run, None, _ask(run, "allowed"))


async def let_wait(store: HistoryStore, run: Run) -> Run | None:
    """Record a run that waits for approval."""
    approval = replace(draw_approval(run), id=ApprovalId(f"of {run.handle}"))
    asked = replace(_ask(run, "needs_approval"), approval_rule=approval.rule_path)
    return await store.record_run(replace(run, state=RunState.WAITING), approval, asked)


async def plead(store: HistoryStore, run: Run, number: int) -> Plea:
    """Record a plea for what this run did."""
    now, channel_id = datetime.now(UTC), run.place.channel_id
    plea = Plea(
        id=ButtonId(f"plea-{number}"),
        by=run.requester,
        team_id=run.team_id,
        change=run.change,
        asked_in=channel_id,
        openings=(Opening(channel_id, "releasers", RuleSource(run.rule, 14)),),
        asked_at=now,
        expires_at=now + OPEN_FOR,
    )
    return await store.record_plea(plea, Pleaded(plea.by, typed_form(run.change), channel_id, "releasers"))


def _ask(run: Run, decision: str) -> Asked:
    return Asked(
        run.requester,
        typed_form(run.change),
        run.rule,
        decision,
        environment_id=run.change.environment.id,
    )


def like(run: Run, number: int) -> Run:
    """A new run by the same person, on an environment that none holds."""
    name, free = f"new-{number}", EnvironmentId(str(UUID(int=100_000 + number)))
    return Run(
        id=RunId(0),
        handle=ButtonId(name),
        request_key=RequestKey(name),
        change=replace(run.change, environment=replace(run.change.environment, id=free)),
        requester=run.requester,
        team_id=run.team_id,
        place=run.place,
        asked_at=datetime.now(UTC),
        state=RunState.ACCEPTED,
        rule=run.rule,
    )
