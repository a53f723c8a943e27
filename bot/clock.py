"""The real time, and ids nobody can guess: the `Clock` port for the running bot."""

import secrets
from datetime import UTC, datetime

ID_BYTES = 12
"""96 random bits: 16 URL-safe characters, short enough for a button and far too many to guess."""


class SystemClock:
    """This machine's clock and its source of randomness."""

    def now(self) -> datetime:
        """Now, aware, UTC."""
        return datetime.now(UTC)

    def new_id(self) -> str:
        """A fresh opaque id of 16 URL-safe characters."""
        return secrets.token_urlsafe(ID_BYTES)
