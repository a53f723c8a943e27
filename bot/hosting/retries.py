"""Which answers to an action are worth asking for once more with the same key, and after what wait. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from bot.core.errors import HostingUnavailableError


@dataclass(frozen=True, slots=True)
class RetryWaits:
    """How long to wait before the one retry; a wait the platform asks for goes before, up to `longest`."""

    lost_answer: timedelta = timedelta(seconds=1)
    unwell: timedelta = timedelta(seconds=2)
    being_queued: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(seconds=10)

    def before(self, error: HostingUnavailableError) -> timedelta | None:
        """How long to wait before saying it again with the same key; None where that would not help soon."""
        if error.code in {"unexpected_redirect", "rate_limit_exceeded", "ip_blocked", "http_429"}:
            return None
        wait = max(self._usual(error.code), error.retry_after or timedelta(0))
        return wait if error.retry_after is None or error.retry_after <= self.longest else None

    def _usual(self, code: str) -> timedelta:
        match code:
            case "network_error" | "timeout" | "unexpected_answer":
                return self.lost_answer
            case "concurrent_action" | "http_409":
                return self.being_queued
            case _:
                return self.unwell
