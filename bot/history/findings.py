"""What a verification of the record finds: places where it does not hold together, and rows that differ from it."""

from dataclasses import dataclass, field
from enum import Enum

from bot.history.agreement import Disagreement
from bot.history.chain import START

FOUND_AT_MOST = 1_000
"""So many places are kept of each kind; where there are more, they are counted."""


class Fault(Enum):
    """How the record does not hold together."""

    CHANGED = "changed"
    """The entry, or what stood before it, was changed, put in or put elsewhere."""

    MISSING = "missing"
    """Entries that stood before this one are missing."""

    CUT = "cut"
    """The end of the record is missing, or what was noted of it was changed."""


@dataclass(frozen=True, slots=True)
class Break:
    """Where the record does not hold together: at this entry, as it stands.

    Of an end that is cut off, it is the last entry that is left (0: none is). `missing` is how many are known to be.
    """

    fault: Fault
    entry_id: int
    run_id: int | None = None
    at: str | None = None
    missing: int = 0


class Trouble(Enum):
    """Why a run or a plea cannot be held against its entries."""

    NO_RUN = "no_run"
    NO_ENTRIES = "no_entries"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class OddRun:
    """A run that does not say what its entries say; or of which one of the two cannot even be read (`trouble`)."""

    run_id: int
    disagreements: tuple[Disagreement, ...] = ()
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class OddPlea:
    """A plea that does not say what the entries say of it; or that cannot even be read (`trouble`)."""

    number: int
    disagreements: tuple[Disagreement, ...] = ()
    trouble: Trouble | None = None


@dataclass(slots=True)
class Verification:
    """What was found. `noted` is the entry whose hash was noted down earlier: None if none has it, or none was asked for."""

    entries: int = 0
    runs: int = 0
    head: str = START
    breaks: list[Break] = field(default_factory=list)
    odd_runs: list[OddRun] = field(default_factory=list)
    odd_pleas: list[OddPlea] = field(default_factory=list)
    found: int = 0
    sought: str | None = None
    noted: int | None = None

    @property
    def is_well(self) -> bool:
        """Whether nothing was found."""
        return not self.found and (self.sought is None or self.noted is not None)

    def note(self, one: Break | OddRun | OddPlea) -> None:
        """Keep it, or where there are many, count it."""
        self.found += 1
        match one:
            case Break() if len(self.breaks) < FOUND_AT_MOST:
                self.breaks.append(one)
            case OddRun() if len(self.odd_runs) < FOUND_AT_MOST:
                self.odd_runs.append(one)
            case OddPlea() if len(self.odd_pleas) < FOUND_AT_MOST:
                self.odd_pleas.append(one)
            case _:
                pass
