"""Follow a task that somebody started elsewhere (dashboard, automation rule): it gets a card and a history here too."""

import logging

from bot.core.entries import Followed
from bot.core.errors import ChatRefusedError, HostingRefusedError, HostingUnavailableError
from bot.core.facts import FollowerJoined
from bot.core.intents import Change
from bot.core.names import Action, ButtonId, RunId, TaskId
from bot.core.request import ButtonPress
from bot.core.runs import Run, RunState
from bot.core.tasks import TaskReport
from bot.flow.cards import Cards
from bot.flow.ports import Clock, History, Hosting
from bot.flow.runs import Runs
from bot.views import answers
from bot.views.message import Message

log = logging.getLogger(__name__)


class Adoption:
    """Makes runs of tasks that we did not start."""

    def __init__(self, history: History, hosting: Hosting, clock: Clock, cards: Cards, runs: Runs) -> None:
        self._history = history
        self._hosting = hosting
        self._clock = clock
        self._cards = cards
        self._runs = runs

    async def adopt(self, refused: Run, press: ButtonPress) -> Message:
        """Follow the task that stood in this run's way; the answer for whoever pressed."""
        task_id = refused.refusal.task_id if refused.refusal else None
        if task_id is None:
            return answers.render_nothing_to_follow()
        known = await self._history.find_run_by_task(task_id)
        if known is None or not known.state.is_open:  # nobody's, or one that was given up or lost sight of
            followed = await self._begin_following(refused, press, task_id)
        else:
            followed = known
        if isinstance(followed, Message):
            return followed
        user = press.actor.user_id
        if user != followed.requester:  # who is told of the end anyhow
            followed = await self._runs.tell(followed.id, FollowerJoined(user), Followed(user))
        return answers.render_following(followed, await self._cards.find_link(followed.id))

    async def _begin_following(self, refused: Run, press: ButtonPress, task_id: TaskId) -> Run | Message:
        """The run that follows this task from now on, or why none does."""
        try:
            report = await self._hosting.fetch_task(task_id)
        except HostingRefusedError as refusal:
            log.info("Task %s could not be adopted: %s", task_id, refusal.code)
            return answers.render_nothing_to_follow()
        except HostingUnavailableError as error:
            return answers.render_hosting_unwell(error)
        if report.status.is_terminal:
            return answers.render_ended_meanwhile(refused.change.environment, report)
        recorded = await self._record(refused, press, task_id, report)
        if recorded is not None and recorded.task_id != task_id:
            return answers.render_busy(await self._cards.see(recorded))
        return recorded or answers.render_nothing_to_follow()

    async def _record(
        self, refused: Run, press: ButtonPress, task_id: TaskId, report: TaskReport
    ) -> Run | None:
        """Write the run down and show its card; where somebody was quicker, the run that holds the environment."""
        now = self._clock.now()
        run = Run(
            id=RunId(0),
            handle=ButtonId(self._clock.new_id()),
            request_key=press.key,
            change=Change(_nearest_action(report.type), refused.change.environment),
            requester=press.actor.user_id,
            team_id=press.actor.team_id,
            place=press.place,
            asked_at=now,
            state=RunState.RUNNING,
            rule=refused.rule,
            adopted=True,
            submitted_at=report.started_at or now,
            task_id=task_id,
            report=report,
            reported_at=now,
        )
        recorded = await self._history.record_run(run, None, Followed(press.actor.user_id))
        if recorded is None:
            return await self._history.find_busy_run(refused.change.environment.id)
        try:
            await self._cards.show_first(recorded)
        except ChatRefusedError as refusal:
            log.warning("Slack will not show the card of adopted run %s: %s", recorded.id, refusal.error)
        return recorded


def _nearest_action(task_type: str) -> Action:
    """The action that a task's type names, for the record; the words on screen come from the type itself."""
    words = {action.value: action for action in Action} | {"redeploy": Action.DEPLOY}
    return words.get(task_type, Action.UPDATE)
