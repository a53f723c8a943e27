"""Whether files are still where they were opened: SQLite goes on writing into one that was moved or deleted meanwhile."""

from pathlib import Path

_Identity = tuple[int, int]


class Presence:
    """Which files stood at these paths, to be compared with those that stand there now."""

    def __init__(self, *paths: Path) -> None:
        self._files = {path: _identity_of(path) for path in paths}

    def find_missing(self) -> Path | None:
        """The first path at which the file no longer stands: nothing is there, or another file. Costs microseconds."""
        gone = (path for path, identity in self._files.items() if _identity_of(path) != identity)
        return next(gone, None)


def _identity_of(path: Path) -> _Identity | None:
    """What makes a file itself, whatever it is called; None where there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return (stat.st_dev, stat.st_ino)
