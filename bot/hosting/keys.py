"""The API keys in use, and which of them the platform has refused.

Ten refused keys with less than a minute between them get this machine's address blocked for a quarter of an hour. So a
refused key is left alone until more than a minute has passed since any key was last refused.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.errors import HostingRefusedError

PAUSE = timedelta(seconds=65)
"""A little more than the minute after which the platform forgets its refusals."""

_SENDABLE = re.compile(r"[\x21-\x7e]{8,400}", re.ASCII)
_READ_ONLY_PREFIX = "oec_live_ro_"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key and the setting it comes from; the secret stays out of every text."""

    setting: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        # an HTTP library that refuses a header names its value in the error: such a key must not get that far
        if _SENDABLE.fullmatch(self.secret) is None:
            raise ValueError(
                f"{self.setting} is no API key: it is empty, or has blanks or signs that no key has"
            )

    @property
    def is_read_only(self) -> bool:
        """Whether the key says of itself that it may only read."""
        return self.secret.startswith(_READ_ONLY_PREFIX)


@dataclass(slots=True)
class RefusedKeys:
    """Which keys were refused lately, and how."""

    _refusals: dict[ApiKey, HostingRefusedError] = field(default_factory=dict)
    _last_at: datetime | None = None

    def note(self, key: ApiKey, refusal: HostingRefusedError, now: datetime) -> None:
        """Remember that the platform refused this key."""
        self._refusals[key] = refusal
        self._last_at = now

    def find(self, key: ApiKey, now: datetime) -> HostingRefusedError | None:
        """Why this key is not to be sent now, or None."""
        refusal = self._refusals.get(key)
        if refusal is None or self._last_at is None:
            return None
        if now - self._last_at >= PAUSE:
            return None
        return HostingRefusedError(
            status=refusal.status, code=refusal.code, text=refusal.text, setting=key.setting
        )

    def settings(self) -> frozenset[str]:
        """The settings of the keys that were refused and have not been taken since."""
        return frozenset(key.setting for key in self._refusals)

    def forget(self, key: ApiKey) -> None:
        """The platform has accepted this key."""
        self._refusals.pop(key, None)
