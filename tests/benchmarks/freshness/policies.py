"""Who decides when to look: our planner, and three others."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.budget import Budget, Purse, RateLimit, keep, learn, spend
from bot.core.estimates import Band, find_band
from bot.core.facts import Reported
from bot.core.forecasts import Forecast, forecast, read_track
from bot.core.habits import Habits
from bot.core.names import RunId
from bot.core.polling import OpenTask, plan_looks
from bot.core.runs import Run, advance
from bot.core.tasks import TaskReport
from tests.benchmarks.freshness import cases
from tests.benchmarks.freshness.earlier import a_run
from tests.benchmarks.freshness.workload import Deploy, at

TURN = 0.5
POLITE = 2.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back of a look: a report, or None from a platform that refused it."""

    number: int
    sent: float
    received: float
    report: TaskReport | None
    limit: int
    remaining: int
    retry_after: int


class Policy(Protocol):
    """Says at each turn which deploys to look at."""

    def begin(self, deploy: Deploy) -> None:
        """A deploy has begun."""

    def choose(self, now: float) -> list[int]:
        """Whom to look at now."""

    def hear(self, answer: Answer) -> None:
        """An answer has come."""


@dataclass(slots=True)
class Watched:
    """What our tracker remembers of a run that it follows."""

    run: Run
    forecast: Forecast
    looked_at: datetime | None = None
    answered_at: datetime | None = None
    is_looking: bool = False


@dataclass(slots=True)
class Ours:
    """The planner and the budget of the bot, as its tracker uses them."""

    limit: int
    habits: Habits
    budget: Budget = field(init=False)
    purse: Purse = field(default_factory=Purse)
    watched: dict[int, Watched] = field(default_factory=dict)
    bands: list[tuple[int, float, Band]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.budget = Budget(limit=self.limit)

    def begin(self, deploy: Deploy) -> None:
        """Follow a new run."""
        run = a_run(deploy)
        begun_at = at(deploy.begin)
        self.watched[deploy.number] = Watched(run, forecast(read_track(run, begun_at), self.habits, begun_at))

    def choose(self, now: float) -> list[int]:
        """One turn."""
        now_at = at(now)
        self.purse = keep(self.purse, self.budget, now_at)
        tasks = [
            OpenTask(RunId(number), one.looked_at, forecast=one.forecast)
            for number, one in self.watched.items()
            if not one.is_looking
        ]
        pending = len(self.watched) - len(tasks)
        chosen = plan_looks(tasks, budget=self.budget, purse=self.purse, now=now_at, pending=pending)
        self.purse = spend(self.purse, len(chosen), now_at)
        for number in chosen:
            self.watched[number].is_looking = True
            self.watched[number].looked_at = now_at
        return [int(number) for number in chosen]

    def hear(self, answer: Answer) -> None:
        """Learn the limit, and what the report says."""
        now_at, sent_at = at(answer.received), at(answer.sent)
        wait = timedelta(seconds=answer.retry_after) if answer.report is None else None
        self.budget = learn(self.budget, RateLimit(answer.limit, answer.remaining, wait), now_at)
        one = self.watched[answer.number]
        one.is_looking = False
        if answer.report is None:
            return
        if answer.report.status.is_terminal:
            del self.watched[answer.number]
            return
        before = one.run
        one.run = advance(one.run, Reported(answer.report, before_at=one.answered_at), now_at)
        one.answered_at = sent_at
        one.forecast = forecast(read_track(one.run, sent_at), self.habits, sent_at, one.forecast)
        band = find_band(one.run, self.habits, now_at)
        if band is not None and one.run is not before:
            self.bands.append((answer.number, answer.received, band))


@dataclass(slots=True)
class Even:
    """The budget shared evenly: the longest unseen first."""

    limit: int
    seen: dict[int, float] = field(default_factory=dict)
    looking: set[int] = field(default_factory=set)
    credit: float = 0.0

    def begin(self, deploy: Deploy) -> None:
        """Follow a new run."""
        self.seen[deploy.number] = deploy.begin

    def choose(self, now: float) -> list[int]:
        """As many as have come due since the last turn."""
        share = int(self.limit * 0.85)
        grown = share / 60 * TURN
        self.credit = min(self.credit + grown, max(share / 30, 1.0 + grown))
        due = [
            number
            for number, seen in self.seen.items()
            if now - seen >= POLITE and number not in self.looking
        ]
        due.sort(key=self.seen.__getitem__)
        chosen = due[: int(self.credit)]
        self.credit -= len(chosen)
        self.looking.update(chosen)
        for number in chosen:
            self.seen[number] = now
        return chosen

    def hear(self, answer: Answer) -> None:
        """An end is looked at no more."""
        self.looking.discard(answer.number)
        if answer.report is not None and answer.report.status.is_terminal:
            del self.seen[answer.number]


@dataclass(slots=True)
class Waiters:
    """One waiter for each task, who knows nothing of the others: looks, waits, looks again.

    As in the sample of the platform's own page: every five seconds, come what may.
    """

    limit: int
    due: dict[int, float] = field(default_factory=dict)
    began: dict[int, float] = field(default_factory=dict)

    def begin(self, deploy: Deploy) -> None:
        """Look at once."""
        self.due[deploy.number] = self.began[deploy.number] = deploy.begin

    def choose(self, now: float) -> list[int]:
        """Everybody whose wait is over."""
        chosen = [number for number, due in self.due.items() if due <= now]
        for number in chosen:
            self.due[number] = float("inf")
        return chosen

    def hear(self, answer: Answer) -> None:
        """Wait for the next look, or be done."""
        if answer.report is not None and answer.report.status.is_terminal:
            del self.due[answer.number]
            return
        self.due[answer.number] = answer.received + self.wait(answer)

    def wait(self, _: Answer) -> float:
        """Seconds until the next look."""
        return 5.0


class PlatformClient(Waiters):
    """The platform's own client: every 5 s for half a minute, then every 10 s, at most a fifth of the limit each."""

    def wait(self, answer: Answer) -> float:
        """After a refusal, as long as it asks for."""
        if answer.report is None:
            return float(answer.retry_after)
        usual = 5.0 if answer.received - self.began[answer.number] < 30 else 10.0
        return max(usual, 60 / (self.limit / 5))


def make_policy(name: str, limit: int, habits: Habits) -> Policy:
    """A policy by its name."""
    match name:
        case cases.OURS:
            return Ours(limit, habits)
        case cases.EVERY_FIVE_SECONDS:
            return Waiters(limit)
        case cases.PLATFORM_CLIENT:
            return PlatformClient(limit)
        case cases.EVEN:
            return Even(limit)
        case _:
            raise LookupError(f"no policy is called {name}")
