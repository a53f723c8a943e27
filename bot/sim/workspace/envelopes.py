"""What travels to the app, over a socket or to its address, and what became of it."""

import json
import uuid
from dataclasses import dataclass, field

from bot.sim.workspace.entities import JsonObject


@dataclass(frozen=True, slots=True)
class Envelope:
    """Something on its way to the app. `attempt` counts earlier deliveries of an event; `reason` is why the last failed."""

    kind: str
    payload: JsonObject
    accepts_response_payload: bool
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    attempt: int = 0
    reason: str = ""

    def to_frame(self) -> str:
        """The text frame that travels."""
        frame: JsonObject = {
            "envelope_id": self.id,
            "type": self.kind,
            "accepts_response_payload": self.accepts_response_payload,
            "payload": self.payload,
        }
        if self.kind == "events_api":
            frame |= {"retry_attempt": self.attempt, "retry_reason": self.reason}
        return json.dumps(frame)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an envelope: whether anybody was there, whether it was acknowledged in time, and with what.

    `problem` says why it was not, in the words of `x-slack-retry-reason`; `status` is the HTTP status that came instead.
    """

    envelope_id: str
    was_sent: bool
    is_acked: bool = False
    ack_ms: float | None = None
    payload: JsonObject | None = None
    problem: str | None = None
    status: int | None = None
    may_retry: bool = True
