"""Any story at all, over the real bot and both stand-ins: people, faults, crashes and the clock in any order.

`OEC_STORY_EXAMPLES=200 pytest tests/faults/test_any_story.py` plays other stories each time, and more of them.
"""

import asyncio
import os
import tempfile
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.faults.story import Story, telling
from tests.support.life import MortalLoop
from tests.support.world import SUPPORT

PEOPLE = st.sampled_from(["U0ANA", "U0BEN", "U0CLEO", "U0GUS"])
ASKS = st.sampled_from(
    [
        "deploy prod",
        "restart staging",
        "deploy staging",
        "restart prod",
        "update prod",
        "stop dev",
        "start dev",
        "reinit dev sale",
        "status",
        "deploy prdo",
    ]
)
ASKED_FIRST = ["deploy prod", "restart staging", "reinit dev sale", "update prod"]
NTH = st.integers(0, 8)
SPANS = st.sampled_from([1, 7, 40, 400, 3600, 100_000])
SLACK_METHODS = st.sampled_from(["chat.postMessage", "chat.update", "chat.postEphemeral", "views.open", "*"])
SLACK_FAULTS = st.sampled_from(
    [
        {"kind": "ratelimit", "retry_after": 1, "times": 2},
        {"kind": "ratelimit", "retry_after": 1, "times": 1, "empty_body": True},
        {"kind": "error", "error": "internal_error", "times": 3},
        {"kind": "error", "error": "fatal_error", "times": 1},
        {"kind": "error", "error": "service_unavailable", "times": 2},
        {"kind": "hang", "seconds": 1, "times": 1},
        {"kind": "drop_answer", "times": 2},
    ]
)
SOCKET_FAULTS = st.sampled_from(
    [
        {"kind": "disconnect", "reason": "warning"},
        {"kind": "disconnect", "reason": "refresh_requested"},
        {"kind": "reset"},
        {"kind": "refuse_ticket", "times": 1},
        {"kind": "noise"},
        {"kind": "silent"},
    ]
)
HOSTING_FAULTS = st.sampled_from(
    [
        {"kind": "drop_before", "times": 1},
        {"kind": "drop_after", "times": 1},
        {"kind": "drop_after", "times": 3},
        {"kind": "not_json", "times": 2},
        {"kind": "hang", "seconds": 1, "times": 1},
        {"kind": "status", "status": 500, "times": 3},
        {"kind": "status", "status": 503, "times": 20},
        {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}, "times": 2},
        {"kind": "status", "status": 409, "body": {"detail": {"error": "concurrent_action"}}, "times": 2},
    ]
)
PROGRESS = st.sampled_from(
    [
        {"status": "running", "steps_completed": 3},
        {"status": "running", "progress_percent": 75},
        {"status": "completed"},
        {"status": "failed", "error_message": "no space left"},
        {"status": "cancelled"},
    ]
)
DELAYS = st.sampled_from([0.0, 0.003, 0.01, 0.02, 0.03, 0.05, 0.1, 0.3])


class AnyStory(RuleBasedStateMachine):
    """What may happen. Nothing depends on how things stand: a step that has nothing to do does nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._runner = asyncio.Runner(loop_factory=MortalLoop)
        self._telling: AbstractAsyncContextManager[Story] = telling(Path(self._folder.name))
        self._story = self._runner.run(self._telling.__aenter__())
        self._is_well = True

    @initialize(who=st.sampled_from(["U0ANA", "U0CLEO"]), text=st.sampled_from(ASKED_FIRST))
    def begin(self, who: str, text: str) -> None:
        self._tell(self._story.crowd.ask(who, f"/oec {text}"), f"{who} asks: {text}")

    @rule(who=PEOPLE, text=ASKS)
    def ask(self, who: str, text: str) -> None:
        self._tell(self._story.crowd.ask(who, f"/oec {text}"), f"{who} asks: {text}")

    @rule(who=PEOPLE, text=ASKS)
    def ask_by_mention(self, who: str, text: str) -> None:
        self._tell(self._story.crowd.ask(who, f"@oec {text}"), f"{who} asks by mention: {text}")

    @rule(who=PEOPLE)
    def ask_elsewhere(self, who: str) -> None:
        self._tell(self._story.crowd.ask(who, "/oec restart staging", SUPPORT), f"{who} asks in #support")

    @rule(who=PEOPLE, text=ASKS)
    def ask_twice(self, who: str, text: str) -> None:
        self._tell(self._story.crowd.ask_twice(who, f"/oec {text}"), f"{who} asks twice at once: {text}")

    @rule(who=PEOPLE, nth=NTH, times=st.integers(1, 2))
    def press(self, who: str, nth: int, times: int) -> None:
        self._tell(self._story.crowd.press(who, nth, times), f"{who} presses, {times} times at once")

    @rule(ana=st.booleans(), ben=st.booleans())
    def decide_at_once(self, *, ana: bool, ben: bool) -> None:
        told = f"Ana and Ben decide at once: {ana}, {ben}"
        self._tell(self._story.crowd.decide_at_once(approve=(ana, ben)), told)

    @rule(who=PEOPLE, text=st.sampled_from(["dev", "prod", "not today"]))
    def fill_in(self, who: str, text: str) -> None:
        self._tell(self._story.crowd.fill_in(who, text), f"{who} fills in the form: {text}")

    @rule(nth=NTH)
    def redeliver(self, nth: int) -> None:
        self._tell(self._story.crowd.redeliver(nth), "Slack delivers something again")

    @rule(nth=NTH)
    def delete(self, nth: int) -> None:
        self._tell(self._story.crowd.delete(nth), "somebody deletes a message")

    @rule(nth=NTH, facts=PROGRESS)
    def move(self, nth: int, facts: dict[str, Any]) -> None:
        self._tell(self._story.move(nth, **facts), f"a task moves: {facts}")

    @rule(nth=NTH)
    def start_elsewhere(self, nth: int) -> None:
        self._tell(self._story.start_elsewhere(nth, "deploy"), "something is started in the dashboard")

    @rule(method=SLACK_METHODS, fault=SLACK_FAULTS)
    def break_slack(self, method: str, fault: dict[str, Any]) -> None:
        self._tell(self._story.break_slack(method=method, **fault), f"Slack breaks: {method} {fault}")

    @rule(fault=SOCKET_FAULTS)
    def break_socket(self, fault: dict[str, Any]) -> None:
        self._tell(self._story.break_slack(**fault), f"the socket breaks: {fault}")

    @rule(fault=HOSTING_FAULTS)
    def break_actions(self, fault: dict[str, Any]) -> None:
        self._tell(
            self._story.break_hosting(method="POST", path="*", **fault),
            f"oec.sh takes actions badly: {fault}",
        )

    @rule(fault=HOSTING_FAULTS)
    def break_looks(self, fault: dict[str, Any]) -> None:
        told = f"oec.sh answers looks badly: {fault}"
        self._tell(self._story.break_hosting(method="GET", path="/deployments/*", **fault), told)

    @rule()
    def mend(self) -> None:
        self._tell(self._story.mend(), "Slack and oec.sh are mended")

    @rule(seconds=SPANS)
    def go_on(self, seconds: int) -> None:
        self._tell(self._story.move_clock(seconds), f"{seconds} s go by")

    @rule(seconds=st.sampled_from([30, 3600]))
    def turn_back(self, seconds: int) -> None:
        self._tell(self._story.move_clock(-seconds), f"the clock is turned back by {seconds} s")

    @rule(minutes=st.sampled_from([0, 15, 20]))
    def change_rules(self, minutes: int) -> None:
        self._tell(self._story.change_rules(minutes), f"the rules are changed: {minutes or 'broken'}")

    @rule(away=SPANS)
    def restart(self, away: int) -> None:
        self._tell(self._story.stop(), "the bot is stopped")
        self._tell(self._story.move_clock(away), f"{away} s go by")
        self._tell(self._story.start(), "the bot is started")

    @rule(after=DELAYS, away=SPANS)
    def crash(self, after: float, away: int) -> None:
        self._tell(self._story.crash(after), f"the bot dies after {after} s")
        self._tell(self._story.move_clock(away), f"{away} s go by")
        self._tell(self._story.start(), "the bot is started")

    @rule(who=PEOPLE, text=ASKS, after=DELAYS)
    def crash_amid_ask(self, who: str, text: str, after: float) -> None:
        self._run(self._story.crowd.ask(who, f"/oec {text}"))
        self._tell(self._story.crash(after), f"{who} asks: {text}; the bot dies {after} s later")
        self._tell(self._story.start(), "the bot is started")

    @rule(after=DELAYS)
    def crash_amid_decision(self, after: float) -> None:
        self._run(self._story.crowd.decide_at_once(approve=(True, True)))
        self._tell(self._story.crash(after), f"Ana and Ben approve at once; the bot dies {after} s later")
        self._tell(self._story.start(), "the bot is started")

    def _tell(self, step: Coroutine[Any, Any, None], words: str) -> None:
        self._run(self._story.tell(step, words))

    def _run(self, step: Coroutine[Any, Any, None]) -> None:
        self._is_well = False
        self._runner.run(step)
        self._is_well = True

    def teardown(self) -> None:
        try:
            if self._is_well:
                self._run(self._story.come_to_rest())
                self._runner.run(self._leave(None))
            else:
                self._runner.run(self._leave(RuntimeError("the story went wrong")))
        finally:
            self._runner.close()
            self._folder.cleanup()

    async def _leave(self, error: Exception | None) -> None:
        """End the story; after an error nothing more is asked of it."""
        try:
            await self._telling.__aexit__(type(error) if error else None, error, None)
        except RuntimeError as raised:
            if raised is not error:
                raise


EXAMPLES = int(os.environ.get("OEC_STORY_EXAMPLES", "0"))
PLAYED = settings(
    max_examples=EXAMPLES or 4,
    stateful_step_count=20,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    # a story takes seconds, and never goes quite the same way again: what went wrong is told instead of made smaller
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_any_story_ends_well() -> None:
    run_state_machine_as_test(AnyStory, settings=PLAYED)
