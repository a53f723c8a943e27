"""What can be made to go wrong on the way: scripted answers, cut connections, slow answers, proxy pages. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

FaultKind = Literal["status", "drop_before", "drop_after", "hang", "not_json"]


@dataclass(slots=True)
class Fault:
    """One thing going wrong for the next `times` calls that fit.

    status       answers `status` with `body` instead of acting (without a body: the one this status usually carries)
    drop_before  cuts the connection without acting
    drop_after   acts, then cuts the connection
    hang         waits `seconds`, then goes on as ever
    not_json     acts, then a proxy's page comes back in place of the answer, with `status` (200 unless given)
    """

    kind: FaultKind
    method: str = "*"
    path: str = "*"
    times: int = 1
    status: int | None = None
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def fits(self, method: str, path: str) -> bool:
        """Whether it strikes this call; `path` is a shell-style pattern for the path with or without the base."""
        if self.times < 1 or self.method not in {"*", method}:
            return False
        return fnmatchcase(path, self.path) or fnmatchcase(_without_base(path), self.path)


def _without_base(path: str) -> str:
    return path.removeprefix("/api/public/v1")


def take_fault(faults: Sequence[Fault], method: str, path: str) -> Fault | None:
    """The first fault that fits, with one of its times used up; or None."""
    for fault in faults:
        if fault.fits(method, path):
            fault.times -= 1
            return fault
    return None


PROXY_PAGE = "<html><head><title>Checking your browser</title></head><body>One moment, please.</body></html>"
