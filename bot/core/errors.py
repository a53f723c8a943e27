"""What the ports may raise.

BotError
├── HostingError
│   ├── HostingRefusedError       the platform said no (4xx): saying it again will not help
│   └── HostingUnavailableError   the platform is unwell (5xx, 429, timeout, no connection, no JSON)
├── ChatError
│   ├── ChatRefusedError          Slack said no: channel_not_found, not_in_channel, message_not_found …
│   └── ChatUnavailableError      Slack is unwell (429, 5xx, timeout, no connection)
└── HistoryError                  the database cannot be used: newer schema, corrupt, full, read only
"""

from datetime import timedelta
from enum import Enum

from bot.core.names import TaskId


class BotError(Exception):
    """Anything a port raises on purpose."""


class HostingError(BotError):
    """Something about oec.sh."""


class HostingRefusedError(HostingError):
    """The platform refused: `code` in its own words (`task_in_progress`), `text` its sentence (foreign text).

    `code` is the code of oec.sh's error table, or `http_<status>` where it gave none. `setting` names the key that
    was refused, where it was the key.
    """

    def __init__(
        self, *, status: int, code: str, text: str = "", task_id: TaskId | None = None, setting: str = ""
    ) -> None:
        super().__init__(f"{status} {code}")
        self.setting = setting
        self.status = status
        self.code = code
        self.text = text
        self.task_id = task_id

    @property
    def is_key_refused(self) -> bool:
        """A 401: the key itself is wrong; ten of these block the address, so stop at once."""
        return self.status == 401


class HostingUnavailableError(HostingError):
    """The platform did not answer as it should. `may_have_acted` is true where a write may have happened.

    `task_id` is the task that is said to be in the way, where an answer was lost before: it may be our own.
    """

    def __init__(
        self,
        reason: str,
        *,
        retry_after: timedelta | None = None,
        may_have_acted: bool = False,
        code: str = "",
        task_id: TaskId | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.may_have_acted = may_have_acted
        self.code = code
        self.task_id = task_id


class ChatError(BotError):
    """Something about Slack."""


class Cure(Enum):
    """What helps against a refusal: nothing, or a fresh message (of this one, or of the one it hangs under), or less
    of it, or being let in to the channel again, or an app that is set right by its operators."""

    NONE = "none"
    ANEW = "anew"
    THREAD_ANEW = "thread anew"
    LESS = "less"
    LET_IN = "let in"
    APP_SET_RIGHT = "app set right"
    TOKEN = "token"  # noqa: S105 - a kind of cure, no secret


class ChatRefusedError(ChatError):
    """Slack said no, with its own error string."""

    def __init__(self, error: str, *, cure: Cure = Cure.NONE) -> None:
        super().__init__(error)
        self.error = error
        self.cure = cure


class ChatUnavailableError(ChatError):
    """Slack did not answer as it should. `may_have_acted` is true where what was asked for may have been done."""

    def __init__(
        self, reason: str, *, retry_after: timedelta | None = None, may_have_acted: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.may_have_acted = may_have_acted


class HistoryError(BotError):
    """The database cannot be used; the text says why and what to do."""
