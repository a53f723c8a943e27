"""The two promises clients lean on, held against a model by random walks: one task at a time for an environment, and one
answer for one idempotency key.

The walks go through the platform as its callers do, gate and routes included, on a clock that only the walk moves. The model
knows none of the simulator's code: an environment's open task, and for each key what was asked and answered.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from bot.sim.hosting.limits import Limits
from bot.sim.hosting.seeds import (
    DEVELOPMENT,
    FULL_KEY,
    STAGING,
    WEBSHOP_KEY,
    WEBSHOP_PRODUCTION,
    seeded_hosting,
)
from bot.sim.hosting.server import HostingServer
from tests.sim.hosting.caller import MovedClock, plain_client
from tests.sim.hosting.documented import check_answer

DAY = timedelta(hours=24)
MANY = 100_000
PLACES = (DEVELOPMENT, STAGING, WEBSHOP_PRODUCTION)
ASKS: tuple[tuple[str, Any], ...] = (
    ("deploy", None),
    ("deploy", {"update_modules": ["sale"]}),
    ("restart", None),
    ("stop", None),
    ("start", None),
    ("quick-update", {"mode": "pull_restart"}),
)
NEEDS = {"restart": "running", "stop": "running", "quick-update": "running", "start": "stopped"}
OPEN = {"pending", "queued", "running"}

places = st.sampled_from(PLACES)
asks = st.sampled_from(ASKS)
names = st.sampled_from(["red", "green", "blue"])
keys = st.sampled_from([FULL_KEY, WEBSHOP_KEY])


@dataclass(frozen=True)
class Kept:
    """What an idempotency key stands for."""

    asked: tuple[str, str, str]
    answer: Any
    at: datetime


class Walk(RuleBasedStateMachine):
    """A random walk of callers, task endings and time."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = MovedClock()
        self.kept: dict[tuple[str, str], Kept] = {}
        self.open: dict[str, str] = {}
        self.made = 0

    @initialize()
    def open_for_business(self) -> None:
        self.server = HostingServer(seeded_hosting(self.clock), now=self.clock)
        self.server.front.change_limits(Limits(reads=MANY, writes=MANY))
        self.loop.run_until_complete(self.server.start())
        self.client = plain_client(base_url=self.server.url)
        self.history = len(self.state()["tasks"])
        self.control("/pace", mode="manual")

    def teardown(self) -> None:
        if hasattr(self, "client"):
            self.loop.run_until_complete(self.client.aclose())
            self.loop.run_until_complete(self.server.stop())
        self.loop.close()

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.loop.run_until_complete(self.client.request(method, path, **more))

    def control(self, path: str, **body: Any) -> Any:
        answer = self.call("POST", f"/control{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def state(self) -> Any:
        return self.call("GET", "/control/state").json()

    def status_of(self, place: str) -> str:
        return next(str(one["status"]) for one in self.state()["environments"] if one["id"] == place)

    @rule(place=places, ask=asks)
    def asks_once(self, place: str, ask: tuple[str, Any]) -> None:
        self.judge(place, ask, self.act(FULL_KEY, place, ask, None))

    @rule(key=keys, place=places, ask=asks, name=names)
    def asks_with_a_key(self, key: str, place: str, ask: tuple[str, Any], name: str) -> None:
        if key == WEBSHOP_KEY and place != WEBSHOP_PRODUCTION:
            assert self.act(key, place, ask, name).status_code == 404
            return
        asked = (place, ask[0], str(ask[1]))
        kept = self.kept.get((key, name))
        if kept is not None and self.clock() - kept.at < DAY:
            self.judge_retry(kept, asked, self.act(key, place, ask, name))
            return
        answer = self.act(key, place, ask, name)
        if self.judge(place, ask, answer):
            self.kept[key, name] = Kept(asked, answer.json(), self.clock())

    def act(self, key: str, place: str, ask: tuple[str, Any], name: str | None) -> httpx.Response:
        action, body = ask
        headers = {"Authorization": f"Bearer {key}"} | ({"Idempotency-Key": name} if name else {})
        path = f"/api/public/v1/environments/{place}/{action}"
        answer = self.call("POST", path, json=body, headers=headers)
        check_answer(answer)
        return answer

    def judge_retry(self, kept: Kept, asked: tuple[str, str, str], answer: httpx.Response) -> None:
        if asked == kept.asked:
            assert (answer.status_code, answer.json()) == (202, kept.answer)
        else:
            assert answer.status_code == 422

    def judge(self, place: str, ask: tuple[str, Any], answer: httpx.Response) -> bool:
        """Whether a new request was taken; it must be exactly when nothing stands in its way."""
        needed = NEEDS.get(ask[0])
        if place in self.open:
            assert answer.status_code == 409
            assert answer.json()["detail"]["error"] == "task_in_progress"
            assert answer.json()["detail"]["task_id"] == self.open[place]
            return False
        if needed is not None and self.status_of(place) != needed:
            assert answer.json()["detail"]["error"] == f"environment_not_{needed}"
            return False
        assert answer.status_code == 202, answer.text
        self.open[place] = answer.json()["task_id"]
        self.made += 1
        return True

    @rule(place=places)
    def somebody_starts_a_backup_in_the_dashboard(self, place: str) -> None:
        answer = self.call("POST", "/control/tasks", json={"environment_id": place, "type": "backup"})
        assert (answer.status_code == 409) == (place in self.open)
        if answer.status_code == 200:
            self.open[place] = answer.json()["id"]
            self.made += 1

    @precondition(lambda self: self.open)
    @rule(place=places, status=st.sampled_from(["running", "completed", "failed", "cancelled"]))
    def a_task_moves(self, place: str, status: str) -> None:
        if place in self.open:
            self.control(f"/tasks/{self.open[place]}", status=status)
            if status not in OPEN:
                del self.open[place]

    @rule(span=st.sampled_from([timedelta(seconds=1), timedelta(minutes=10), timedelta(hours=13)]))
    def time_passes(self, span: timedelta) -> None:
        self.clock.now_at += span

    @invariant()
    def no_environment_has_two_open_tasks(self) -> None:
        if not hasattr(self, "client"):
            return
        tasks = self.state()["tasks"]
        found = {one["environment_id"]: one["id"] for one in tasks if one["status"] in OPEN}
        assert len(found) == len([one for one in tasks if one["status"] in OPEN])
        assert found == self.open
        assert len(tasks) == self.history + self.made, "no retry makes a task"


TestWalk = Walk.TestCase
TestWalk.settings = settings(
    max_examples=20,
    stateful_step_count=30,
    deadline=None,
    report_multiple_bugs=False,
    phases=(Phase.generate, Phase.reuse, Phase.shrink),
)
