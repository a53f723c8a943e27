"""Bolt's listeners: acknowledge, read the payload, hand over to the desk.

The acknowledgement comes first, before anything else is waited for; people see an error after three seconds without.
The app must have been made with `process_before_response=True`: the answer leaves when a listener returns, so a
listener does nothing but start the work. Only a modal's answer has to wait for it, and that has a deadline.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.core.names import UserId
from bot.core.request import ButtonPress, MessageShortcut, ModalSubmission, Request
from bot.flow.background import Background
from bot.slack.fields import Payload
from bot.slack.inbound import (
    as_modal_errors,
    read_command,
    read_home_opened,
    read_mention,
    read_press,
    read_shortcut,
    read_submission,
)
from bot.slack.standstill import Standstill
from bot.views.message import Message

SUBMISSION_DEADLINE = 2.0
"""Seconds that a submitted modal waits for its errors; Slack itself gives up after three."""

BREATH = 0.005
"""Seconds between the beginnings of two pieces of work. In a burst the acknowledgements so leave first: work that
begins all at once would hold up those of whoever asked a moment later, and its deadlines would pass all at once."""

AT_ONCE = 24
"""Pieces of work under way at a time. More would all wait for the same slow service, and wake up all at once."""

FieldErrors = Mapping[str, str]
TellLate = Callable[[ModalSubmission, FieldErrors], Awaitable[None]]

_ANYTHING = re.compile(r".*", re.DOTALL)

_log = logging.getLogger(__name__)


class Desk(Protocol):
    """Where deliveries go. May be given the same delivery twice; it knows by the key."""

    async def ask(self, request: Request) -> None:
        """Carry out a request."""

    async def press(self, press: ButtonPress) -> None:
        """Carry out a button press."""

    async def submit(self, submission: ModalSubmission) -> FieldErrors | None:
        """Carry out a submitted modal; the errors by field name, or None to close it."""

    async def use_shortcut(self, shortcut: MessageShortcut) -> None:
        """Carry out the message shortcut."""

    async def open_home(self, user_id: UserId) -> None:
        """Show a person their App Home."""


class Listeners:
    """What the app listens to. `tell_late` gets the errors of a modal that was closed before they were known."""

    def __init__(
        self,
        desk: Desk,
        *,
        now: Callable[[], datetime],
        tell_late: TellLate | None = None,
        submission_deadline: float = SUBMISSION_DEADLINE,
        standstill: Standstill | None = None,
    ) -> None:
        self._desk = desk
        self._now = now
        self._tell_late = tell_late or _log_late
        self._deadline = submission_deadline
        self._standstill = standstill or Standstill()
        self._work = Background()
        self._submissions = Background()
        self._next_begin = 0.0
        self._room = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._farewell: Message | None = None

    async def on_command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """A slash command, whatever its word: the manifest decides which ones reach us."""
        if self._farewell is not None:  # in the acknowledgement itself: there may be no time for another call
            await ack(self._farewell.text, blocks=list(self._farewell.blocks))
            return
        await ack()
        request = read_command(body, now=self._now())
        if request is not None:
            # Slack tells no time with a command: only that the process stood still makes it known to be late
            request = replace(request, late_by=self._standstill.find_lateness())
            self._start(self._desk.ask(request), "a slash command", request.actor.user_id)

    async def on_mention(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """The bot was named in a message."""
        await ack()
        bot_user_id = UserId(context.bot_user_id or "")
        request = read_mention(body, bot_user_id=bot_user_id, now=self._now())
        if request is not None:
            self._start(self._desk.ask(request), "a mention", request.actor.user_id)

    async def on_home_opened(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Somebody opened the app's Home tab."""
        await ack()
        user_id = read_home_opened(body)
        if user_id is not None:
            self._start(self._desk.open_home(user_id), "opening the App Home", user_id)

    async def on_press(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """A button was pressed: one of today's, or one on a message that is years old."""
        await ack()
        press = read_press(body, now=self._now())
        if press is not None:
            self._start(self._desk.press(press), f"a press of {press.kind}", press.actor.user_id)

    async def on_message_shortcut(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The shortcut was chosen from a message's menu."""
        await ack()
        shortcut = read_shortcut(body, now=self._now())
        if shortcut is not None:
            self._start(self._desk.use_shortcut(shortcut), "a shortcut", shortcut.actor.user_id)

    async def on_submission(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """A modal was submitted. Its field errors ride in the acknowledgement, or never reach the modal."""
        submission = read_submission(body, now=self._now())
        if submission is None:
            await ack()
            return
        name = f"a {submission.kind} of {submission.actor.user_id}"
        deciding = self._submissions.start(self._desk.submit(submission), name=name)
        done, _ = await asyncio.wait({deciding}, timeout=self._deadline)
        if not done:
            self._start(self._await_late(submission, deciding), "a late modal", submission.actor.user_id)
        errors = _errors_of(deciding, body) if done else {}
        await (ack(response_action="errors", errors=errors) if errors else ack())

    async def on_options(self, ack: AsyncAck) -> None:
        """A menu asks for its choices; none of ours does."""
        await ack(options=[])

    async def on_anything_else(self, ack: AsyncAck) -> None:
        """What we subscribed to without use, or no longer use: acknowledged, so that Slack shows nobody an error."""
        await ack()

    @property
    def is_idle(self) -> bool:
        """Whether no work that was taken on is under way."""
        return self._work.is_idle and self._submissions.is_idle

    async def tick_once(self) -> None:
        """Notice that time goes by; to be called every second or so."""
        self._standstill.tick()

    def hurry(self, farewell: Message) -> None:
        """Let nobody wait for room any more: the bot stops, and whoever waits is to be told so.

        Whoever types a command from now on reads the farewell.
        """
        self._farewell = farewell
        for _ in range(self._waiting + AT_ONCE):
            self._room.release()

    async def finish(self, *, patience: float) -> None:
        """Let the work under way end, at most so many seconds; then cut it short."""
        await asyncio.gather(self._submissions.close(grace=patience), self._work.close(grace=patience))

    def _start(self, work: Coroutine[Any, Any, None], what: str, user_id: UserId) -> None:
        loop_time = asyncio.get_running_loop().time()
        begins_at = max(loop_time, self._next_begin)
        self._next_begin = begins_at + BREATH
        turn = self._in_turn(begins_at - loop_time, work)
        self._work.start(turn, name=f"{what} by {user_id}")

    async def _in_turn(self, pause: float, work: Coroutine[Any, Any, None]) -> None:
        """Do the work after a pause, when there is room for it. Work that is called off before never begins."""
        self._waiting += 1
        try:
            await asyncio.sleep(pause)
            async with self._room:
                await work
        finally:
            self._waiting -= 1
            work.close()

    async def _await_late(
        self, submission: ModalSubmission, deciding: "asyncio.Task[FieldErrors | None]"
    ) -> None:
        """Closed without its errors: should there be some, the person must hear of them in another way."""
        await asyncio.wait({deciding})
        failed = deciding.cancelled() or deciding.exception() is not None
        errors = None if failed else deciding.result()
        if errors:
            await self._tell_late(submission, errors)


def register(app: AsyncApp, listeners: Listeners) -> None:
    """Put the listeners in the app. First match wins, so what catches everything comes last."""
    for command in ("/oec", _ANYTHING):
        app.command(command)(listeners.on_command)
    app.event("app_mention")(listeners.on_mention)
    app.event("app_home_opened")(listeners.on_home_opened)
    app.shortcut("oec_message")(listeners.on_message_shortcut)
    app.view_submission(_ANYTHING)(listeners.on_submission)
    app.action({"type": "block_actions", "action_id": _ANYTHING})(listeners.on_press)
    app.options(_ANYTHING)(listeners.on_options)
    for catch in (app.action, app.shortcut, app.view_closed, app.event):
        catch(_ANYTHING)(listeners.on_anything_else)


def _errors_of(decided: "asyncio.Task[FieldErrors | None]", body: Payload) -> dict[str, str]:
    """A modal's errors by block. One whose work broke closes: the failure is in the log, and was ours."""
    if decided.cancelled() or decided.exception() is not None:
        return {}
    return as_modal_errors(body, decided.result() or {})


async def _log_late(submission: ModalSubmission, errors: FieldErrors) -> None:
    _log.warning(
        "%s of %s was closed before its errors were known: %s",
        submission.kind,
        submission.actor.user_id,
        "; ".join(errors.values()),
    )
