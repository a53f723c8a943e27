"""What can be made to go wrong on purpose: refused, failing, slow and lost calls, refused tickets."""

from dataclasses import asdict, dataclass, replace

from bot.sim.workspace.entities import JsonObject

ANY_METHOD = "*"
CALL_FAULTS = frozenset({"ratelimit", "error", "page", "hang", "drop_answer"})
SOCKET_FAULTS = frozenset({"disconnect", "reset", "refuse_ticket", "silent", "noise"})
DISCONNECT_REASONS = frozenset({"warning", "refresh_requested", "link_disabled", "too_many_websockets"})


class FaultMisread(Exception):  # noqa: N818 - told to whoever asked for the fault
    """A fault was asked for in a way nobody can carry out; the words say why."""


@dataclass(frozen=True, slots=True)
class CallFault:
    """The next `times` calls of a method go wrong in one way.

    With `carried_out`, what was asked for is done before an error or a page is answered, as Slack may do it. Without a
    `retry_after`, a 429 does not say for how long.
    """

    kind: str
    method: str
    times: int
    retry_after: int | None = 1
    empty_body: bool = False
    error: str = "internal_error"
    seconds: float = 0.0
    status: int = 502
    carried_out: bool = False


class FaultPlan:
    """The faults still to come, in the order they were asked for."""

    def __init__(self) -> None:
        self._calls: list[CallFault] = []
        self._tickets_to_refuse = 0

    def add_call_fault(self, fault: CallFault) -> None:
        """Let calls go wrong from now on."""
        self._calls.append(fault)

    def refuse_tickets(self, times: int) -> None:
        """Answer the next socket connections with 403."""
        self._tickets_to_refuse += times

    def take_call_fault(self, method: str) -> CallFault | None:
        """The fault that hits this call, if one does; counts it off."""
        for place, fault in enumerate(self._calls):
            if fault.method in (method, ANY_METHOD):
                if fault.times > 1:
                    self._calls[place] = replace(fault, times=fault.times - 1)
                else:
                    del self._calls[place]
                return fault
        return None

    def take_ticket_refusal(self) -> bool:
        """Whether this socket connection is to be refused; counts it off."""
        is_refused = self._tickets_to_refuse > 0
        self._tickets_to_refuse -= is_refused
        return is_refused

    def list_planned(self) -> list[JsonObject]:
        """What is still to go wrong, as it was asked for."""
        tickets = {"kind": "refuse_ticket", "times": self._tickets_to_refuse}
        return [*map(asdict, self._calls), *([tickets] if self._tickets_to_refuse else [])]

    def clear(self) -> None:
        """Let everything go well again."""
        self._calls.clear()
        self._tickets_to_refuse = 0


def read_call_fault(body: JsonObject) -> CallFault:
    """A fault of Web API calls from its JSON. Raises FaultMisread."""
    if not body.get("method"):
        raise FaultMisread("Say which method the fault is for; `*` means any.")
    try:
        return CallFault(
            kind=str(body["kind"]),
            method=str(body["method"]),
            times=read_times(body),
            retry_after=None if body.get("retry_after", 1) is None else int(body.get("retry_after", 1)),
            empty_body=body.get("empty_body") is True,
            error=str(body.get("error") or "internal_error"),
            seconds=float(body.get("seconds", 0)),
            status=int(body.get("status", 502)),
            carried_out=body.get("carried_out") is True,
        )
    except (TypeError, ValueError):
        raise FaultMisread("`times`, `retry_after`, `seconds` and `status` are numbers.") from None


def read_times(body: JsonObject) -> int:
    """How often the fault strikes; once unless said otherwise. Raises FaultMisread."""
    times = body.get("times", 1)
    if not isinstance(times, int) or times < 1:
        raise FaultMisread("`times` is a whole number of at least 1.")
    return times
