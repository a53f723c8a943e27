"""What is wrong with a rules file, all of it at once."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: the line it stands on, counted from 1, and what to do about it."""

    line: int
    text: str


class RulesError(Exception):
    """A rules file that cannot be used; its text is every mistake on a line of its own: `oec.yml:12: …`.

    `digest` names the version that is refused (sha256 of the file, hex); it is empty where no file could be read.
    """

    def __init__(self, name: str, mistakes: Sequence[Mistake], *, digest: str = "") -> None:
        self.name = name
        self.digest = digest
        self.mistakes = tuple(sorted(mistakes, key=lambda mistake: mistake.line))
        super().__init__("\n".join(self.lines))

    @property
    def lines(self) -> tuple[str, ...]:
        """The mistakes as people read them, in the file's order."""
        return tuple(f"{self.name}:{mistake.line}: {mistake.text}" for mistake in self.mistakes)
