"""How long to wait before something that does not work at the moment is tried again."""

from dataclasses import dataclass
from datetime import timedelta

_ENOUGH_DOUBLINGS = 30


@dataclass(frozen=True, slots=True)
class Spacing:
    """Pauses that grow with every failure in a row: `first`, then twice that and so on, up to `longest`."""

    first: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(seconds=30)

    def after(self, failures: int) -> timedelta:
        """The pause after so many failures in a row; none where there was none."""
        if failures <= 0:
            return timedelta(0)
        doublings: int = 2 ** min(failures - 1, _ENOUGH_DOUBLINGS)
        return min(self.first * doublings, self.longest)
