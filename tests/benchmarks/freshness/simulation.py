"""One round: deploys begin, a policy looks, the platform's own limiter lets it or refuses. Discrete events, virtual time."""

import heapq
from dataclasses import dataclass, field
from random import Random

from bot.sim.hosting.limits import Bucket, Limits, admit
from tests.benchmarks.freshness.cases import Case
from tests.benchmarks.freshness.earlier import draw_habits
from tests.benchmarks.freshness.policies import TURN, Answer, Ours, Policy, make_policy
from tests.benchmarks.freshness.workload import Deploy, at, draw_deploys

ONE_WAY = 0.05
"""Seconds that a request takes to the platform, and its answer back."""

AT_ONCE = 6
"""How many reads the bot's client has under way at most."""


@dataclass(slots=True)
class Outcome:
    """What one round has shown: seconds from each end to our knowing it, the age of what was shown, reads, and 429s.

    `bands` counts what people were told of the time to go: how often, how often the end came by the middle of it, and by
    the end of it.
    """

    delays: list[float] = field(default_factory=list)
    step_age: float = 0.0
    watched: float = 0.0
    reads: int = 0
    refused: int = 0
    bands: tuple[int, int, int] = (0, 0, 0)


@dataclass(slots=True)
class Round:
    """A round under way. `shown` is, of each deploy, how many steps were seen to be done, and since when that is known."""

    policy: Policy
    limits: Limits
    deploys: dict[int, Deploy]
    outcome: Outcome = field(default_factory=Outcome)
    bucket: Bucket = field(default_factory=Bucket)
    shown: dict[int, tuple[int, float]] = field(default_factory=dict)
    answers: list[tuple[float, int, Answer]] = field(default_factory=list)
    lines: list[float] = field(default_factory=list)

    def run(self) -> Outcome:
        """Go on until every end is known."""
        begins = sorted(self.deploys.values(), key=lambda deploy: deploy.begin)
        turn, begun = begins[0].begin - 30, 0
        while begun < len(begins) or self.shown:
            turn += TURN
            while begun < len(begins) and begins[begun].begin <= turn:
                deploy = begins[begun]
                self.shown[deploy.number] = (0, deploy.begin)
                self.policy.begin(deploy)
                begun += 1
            while self.answers and self.answers[0][0] <= turn:
                self._hear(heapq.heappop(self.answers)[2])
            for number in self.policy.choose(turn):
                self._look(number, turn)
        return self.outcome

    def _look(self, number: int, now: float) -> None:
        sent = self._take_line(now)
        arrived, received = sent + ONE_WAY, sent + 2 * ONE_WAY
        verdict = admit(self.bucket, limit=self.limits.reads, limits=self.limits, now=at(arrived))
        self.bucket = verdict.bucket
        self.outcome.reads += 1
        self.outcome.refused += not verdict.is_allowed
        report = self.deploys[number].report_at(arrived) if verdict.is_allowed else None
        answer = Answer(number, sent, received, report, verdict.limit, verdict.remaining, verdict.retry_after)
        heapq.heappush(self.answers, (received, self.outcome.reads, answer))

    def _take_line(self, now: float) -> float:
        """When the request leaves: at once, or when one of those under way has its answer."""
        if len(self.lines) < AT_ONCE:
            heapq.heappush(self.lines, now + 2 * ONE_WAY)
            return now
        sent = max(heapq.heappop(self.lines), now)
        heapq.heappush(self.lines, sent + 2 * ONE_WAY)
        return sent

    def _hear(self, answer: Answer) -> None:
        if answer.report is not None:
            deploy = self.deploys[answer.number]
            self._count_age(deploy, answer.received)
            self.shown[answer.number] = (answer.report.steps_completed, answer.received)
            if answer.report.status.is_terminal:
                self.outcome.delays.append(answer.received - deploy.end)
                del self.shown[answer.number]
        self.policy.hear(answer)

    def _count_age(self, deploy: Deploy, now: float) -> None:
        """For how long, on average, what was shown of it had been out of date at any moment since the last answer."""
        done, since = self.shown[deploy.number]
        outdated = deploy.begin + deploy.ends[done]
        self.outcome.watched += now - since
        if now > outdated:
            self.outcome.step_age += ((now - outdated) ** 2 - max(since - outdated, 0.0) ** 2) / 2


def simulate(case: Case, repetition: int) -> Outcome:
    """One repetition; the same deploys for every policy."""
    random = Random(f"{case.tasks}/{repetition}")
    deploys = draw_deploys(random, case.tasks, case.kind.reality)
    policy = make_policy(case.policy, case.limit, draw_habits(f"history {repetition}", case.kind.history))
    limits = Limits(reads=case.limit, window=case.window)
    outcome = Round(policy, limits, {deploy.number: deploy for deploy in deploys}).run()
    if isinstance(policy, Ours):
        ends = {deploy.number: deploy.end for deploy in deploys}
        told = [(at(ends[number]), band) for number, _, band in policy.bands]
        outcome.bands = (
            len(told),
            sum(end <= band.half_at for end, band in told),
            sum(end <= band.most_at for end, band in told),
        )
    return outcome
