"""A JSON object from the side door, read field by field; every mistake told in plain words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime


class WishError(Exception):
    """A body of the side door that cannot be followed; the text says why."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A JSON object from the side door, read field by field."""

    fields: Mapping[str, object]

    def only(self, *names: str) -> "Wish":
        """Itself, when it has no other fields than these."""
        strange = sorted(set(self.fields) - set(names))
        if strange:
            raise WishError(f"unknown field {', '.join(strange)}; known are {', '.join(names)}")
        return self

    def text(self, name: str) -> str | None:
        """A string, or None when absent or null."""
        given = self.fields.get(name)
        if given is None or isinstance(given, str):
            return given
        raise WishError(f"{name} must be a string")

    def needed_text(self, name: str) -> str:
        """A string that must be there."""
        given = self.text(name)
        if not given:
            raise WishError(f"{name} is missing")
        return given

    def whole(self, name: str, default: int, *, least: int = 0) -> int:
        """A whole number of at least `least`."""
        given = self.fields.get(name, default)
        if isinstance(given, bool) or not isinstance(given, int) or given < least:
            raise WishError(f"{name} must be a whole number of at least {least}")
        return given

    def whole_or_none(self, name: str) -> int | None:
        """A whole number, or None when absent."""
        return None if self.fields.get(name) is None else self.whole(name, 0)

    def number(self, name: str, default: float) -> float:
        """A number that is not negative."""
        given = self.fields.get(name, default)
        if isinstance(given, bool) or not isinstance(given, int | float) or given < 0:
            raise WishError(f"{name} must be a number that is not negative")
        return float(given)

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false."""
        given = self.fields.get(name, default)
        if not isinstance(given, bool):
            raise WishError(f"{name} must be true or false")
        return given

    def choice(self, name: str, choices: Sequence[str], default: str | None = None) -> str:
        """One of a few words."""
        given = self.fields.get(name, default)
        if not isinstance(given, str) or given not in choices:
            raise WishError(f"{name} must be one of {', '.join(choices)}")
        return given

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings; empty when absent."""
        given = self.fields.get(name, [])
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            raise WishError(f"{name} must be a list of strings")
        return tuple(given)

    def mapping(self, name: str) -> Mapping[str, object]:
        """An object; empty when absent."""
        given = self.fields.get(name)
        if given is None:
            return {}
        if not isinstance(given, dict):
            raise WishError(f"{name} must be an object")
        return given

    def time(self, name: str) -> datetime | None:
        """An ISO 8601 time with its zone, or None when absent."""
        given = self.text(name)
        return None if given is None else read_time(given, name)


def read_time(text: str, name: str) -> datetime:
    """An ISO 8601 time as aware UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WishError(f"{name} must be an ISO 8601 time") from None
    if moment.tzinfo is None:
        raise WishError(f"{name} needs a time zone")
    return moment.astimezone(UTC)
