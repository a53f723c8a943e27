"""When Slack does not let the bot hear: how long to wait before the next try, and what the operator is told.

Slack allows a new ticket about once a minute, with some in a row now and then. So tries grow apart; those that only
somebody at Slack's own pages can help, from the first one on.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from bot.core.errors import ChatError, ChatRefusedError, ChatUnavailableError
from bot.core.spacing import Spacing
from bot.views.spans import say_span

LONGEST_HEEDED = timedelta(minutes=5)
"""A `Retry-After` beyond this is not waited out: asking once in a while harms nobody, a deaf bot does."""

_HELP = {
    "link_disabled": "Slack has switched Socket Mode off for this app. Switch it on again on your app's page Socket Mode.",
    "too_many_websockets": (
        "Slack says that this app has too many connections already. Does it run elsewhere with the same SLACK_APP_TOKEN?"
    ),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no socket. `is_helpless`: trying again at once cannot help, somebody has to do something."""

    reason: str
    is_refusal: bool = False
    retry_after: timedelta | None = None

    @classmethod
    def from_error(cls, error: ChatError) -> "Trouble":
        """What a failed try means."""
        if isinstance(error, ChatUnavailableError):
            return cls(error.reason, retry_after=error.retry_after)
        return cls(error.error if isinstance(error, ChatRefusedError) else str(error), is_refusal=True)

    @property
    def is_helpless(self) -> bool:
        """Whether only somebody outside can help."""
        return self.is_refusal or self.reason in _HELP

    def explain(self) -> str:
        """What is wrong and what to do, for the operator."""
        if self.reason in _HELP:
            return _HELP[self.reason]
        if self.is_refusal:
            return (
                f"Slack no longer takes SLACK_APP_TOKEN ({self.reason}). Make an app-level token with connections:write "
                "on your app's page Basic Information, put it in SLACK_APP_TOKEN and start me again."
            )
        return f"Slack's socket does not open ({self.reason}). Is Slack down, or does a proxy or firewall stop wss?"


@dataclass(slots=True)
class Pauses:
    """When the next socket may be asked for, in seconds of a clock that only goes forward."""

    spacing: Spacing
    helpless: Spacing
    _failures: int = 0
    _helpless_failures: int = 0
    _failed_at: float = field(default=float("-inf"))
    _next_at: float = field(default=float("-inf"))

    def left(self, now: float) -> float:
        """Seconds still to wait."""
        return max(self._next_at - now, 0.0)

    def note(self, trouble: Trouble, now: float) -> None:
        """Something went wrong, once more. What goes wrong while a pause lasts, went wrong at the same time."""
        if self.left(now) > 0:
            return
        self._failed_at = now
        if trouble.is_helpless:
            self._helpless_failures += 1
            pause = self.helpless.after(self._helpless_failures)
        else:
            self._failures += 1
            pause = self.spacing.after(self._failures)
        heeded = min(trouble.retry_after or timedelta(0), LONGEST_HEEDED)
        self._next_at = now + max(pause, heeded).total_seconds()

    def clear(self, *, held_since: float) -> None:
        """A socket has held for a good while. If nothing has gone wrong since it began, the next trouble is a new one."""
        if held_since > self._failed_at:
            self._failures = self._helpless_failures = 0


class Bulletin:
    """Tells the operator once what is wrong, and once that it is well again."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._told: tuple[str, bool] | None = None

    def tell(self, trouble: Trouble, *, hears: bool) -> None:
        """Say what is wrong, unless that was the last thing said."""
        news = (trouble.explain(), hears)
        if news == self._told:
            return
        self._told = news
        so_far = "I still hear people for now" if hears else "I hear nobody meanwhile, and follow what runs"
        self._say(f"{news[0]} {so_far}. I keep trying.")

    def tell_well(self, *, after: timedelta) -> None:
        """Say that all is well, if anything else was said before. `after` is how long nothing was heard."""
        if self._told is None:
            return
        _, heard = self._told
        self._told = None
        self._say(
            "Slack opens sockets for me again." if heard else f"I hear Slack again, after {say_span(after)}."
        )
