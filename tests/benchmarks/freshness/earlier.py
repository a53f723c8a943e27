"""The history a bot would have of earlier deploys: what its looks have shown of them, and no more."""

from functools import lru_cache
from random import Random

from bot.core.catalog import Environment
from bot.core.facts import Reported
from bot.core.habits import Habits, learn_habits
from bot.core.intents import Change
from bot.core.names import (
    Action,
    ButtonId,
    ChannelId,
    EnvironmentId,
    IdempotencyKey,
    RequestKey,
    RunId,
    TaskId,
    TeamId,
    UserId,
)
from bot.core.request import Place
from bot.core.runs import Run, RunState, advance
from tests.benchmarks.freshness.workload import Deploy, Warp, at, draw_ends

EARLIER = 50
SHORTEST_GAP, LONGEST_GAP = 2.0, 10.0
"""Each earlier run was looked at this often: as on days with one run at a time, and on busy ones."""


def a_run(deploy: Deploy) -> Run:
    """The run of a deploy that has just begun."""
    return Run(
        id=RunId(deploy.number),
        handle=ButtonId(f"h-{deploy.number}"),
        request_key=RequestKey(f"request-{deploy.number}"),
        change=Change(Action.DEPLOY, Environment(EnvironmentId(f"environment-{deploy.number}"), "prod")),
        requester=UserId("U0ANA"),
        team_id=TeamId("T0TEAM"),
        place=Place(ChannelId("C0DEPLOYS")),
        asked_at=at(deploy.begin),
        state=RunState.RUNNING,
        rule="",
        idempotency_key=IdempotencyKey("key"),
        submitted_at=at(deploy.begin),
        task_id=TaskId(f"task-{deploy.number}"),
        reported_at=at(deploy.begin),
    )


@lru_cache(maxsize=256)
def draw_habits(seed: str, warp: Warp) -> Habits:
    """What fifty earlier runs of this kind have taught."""
    random = Random(seed)
    return learn_habits([_follow(Deploy(0, 0.0, warp(draw_ends(random))), random) for _ in range(EARLIER)])


def _follow(deploy: Deploy, random: Random) -> Run:
    gap = random.uniform(SHORTEST_GAP, LONGEST_GAP)
    run, moment, before = a_run(deploy), deploy.begin + random.random() * gap, None
    while run.state.is_open:
        now = at(moment)
        run = advance(run, Reported(deploy.report_at(moment), before_at=before), now)
        before, moment = now, moment + gap
    return run
