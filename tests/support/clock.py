"""A clock that runs like the real one and can be moved by hand."""

import itertools
from datetime import UTC, datetime, timedelta


class MovableClock:
    """Fits the bot's `Clock` port; the stand-ins share it, so that everybody agrees on the time."""

    def __init__(self) -> None:
        self._offset = timedelta(0)
        self._ids = itertools.count(1)

    def now(self) -> datetime:
        """Now, moved."""
        return datetime.now(UTC) + self._offset

    def forward(self, **span: float) -> None:
        """Move on by a span, as in `forward(minutes=15)`."""
        self._offset += timedelta(**span)

    def back(self, **span: float) -> None:
        """Turn the clock back by a span: somebody set it right, or wrong."""
        self._offset -= timedelta(**span)

    def set(self, moment: datetime) -> None:
        """Let it be this moment now."""
        self._offset = moment - datetime.now(UTC)

    def new_id(self) -> str:
        """An id that no other call gives."""
        return f"id{next(self._ids):08d}{id(self):x}"
