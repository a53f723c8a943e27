"""The fields of oec.sh's answers, each read as what it should be. What is of another kind counts as absent.

Text loses what neither a database nor Slack takes, and whatever is beyond what anybody could be shown.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

from bot.core.foreign import keepable
from bot.core.tasks import TaskStatus
from bot.hosting.ids import is_uuid
from bot.views.masking import mask_secrets

Json = Any
"""What an answer held: nothing is known of it yet."""

LONGEST_TEXT = 4_000
"""Characters kept of an error message: a card shows far fewer."""

LONGEST_NAME = 200
"""Characters kept of a name: twice what the platform allows."""

LONGEST_WORD = 60
"""Characters kept of a word of the platform's own."""

_MOST = 10_000
"""No count in an answer means more than this."""


def _text(value: object) -> str | None:
    """Text without half characters (which neither a database nor Slack takes) and without NULs; None if empty."""
    if not isinstance(value, str):
        return None
    return keepable(value) or None


def clean_text(value: object) -> str | None:
    """Foreign text in a form that can be kept and shown, cut to what a card could ever need."""
    text = _text(value)
    return None if text is None else text[:LONGEST_TEXT]


def masked_text(value: object) -> str | None:
    """The same for what may quote a password: it is kept in the history, and history keeps for good."""
    text = _text(value)
    return None if text is None else mask_secrets(text)[:LONGEST_TEXT] or None


def _name(value: object) -> str | None:
    text = _text(value)
    return None if text is None else text[:LONGEST_NAME]


def read_number(value: object) -> float | None:
    """A number that can be meant; what JSON calls true is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < 10**12 else None  # also refuses NaN and infinity


def _count(value: object) -> int:
    number = read_number(value)
    return 0 if number is None else max(0, min(_MOST, int(number)))


def _percent(value: object) -> int:
    return min(100, _count(value))


def _span(value: object) -> timedelta | None:
    seconds = read_number(value)
    return None if seconds is None or seconds < 0 else timedelta(seconds=min(seconds, 10**9))


def _moment(value: object) -> datetime | None:
    """ISO 8601, with microseconds or without; a time without a zone is taken as UTC."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _status(value: object) -> TaskStatus:
    return known_status(value) or TaskStatus.RUNNING


def known_status(value: object) -> TaskStatus | None:
    """The status of a task that this word means, in whatever case; None for words that nobody here knows."""
    known = {status.value: status for status in TaskStatus}
    return known.get(value.lower()) if isinstance(value, str) else None


def _id(value: object) -> str:
    if not is_uuid(value):
        raise ValueError("no UUID")
    return value


Id = Annotated[str, BeforeValidator(_id)]
OptionalId = Annotated[str | None, BeforeValidator(lambda value: value if is_uuid(value) else None)]
Text = Annotated[str | None, BeforeValidator(clean_text)]
Words = Annotated[str | None, BeforeValidator(masked_text)]
Name = Annotated[str | None, BeforeValidator(_name)]
Count = Annotated[int, BeforeValidator(_count)]
Percent = Annotated[int, BeforeValidator(_percent)]
Span = Annotated[timedelta | None, BeforeValidator(_span)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Status = Annotated[TaskStatus, BeforeValidator(_status)]
WholeText = Annotated[str | None, BeforeValidator(_text)]
