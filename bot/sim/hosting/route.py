"""What one route of the public API is: its place, what it asks for, what it answers, and who may call it.

The table of all of them stands in `table`; the server, the gate and the OpenAPI document are all made from it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from bot.sim.hosting import errors
from bot.sim.hosting.checks import Schema
from bot.sim.hosting.entities import ApiKey, Environment
from bot.sim.hosting.errors import Answer, RefusedError
from bot.sim.hosting.front import Front


class Idempotency(Enum):
    """The header that makes a retry safe, if the route takes one; the platform has two names for it."""

    NONE = None
    ACTION = "Idempotency-Key"
    CREATION = "X-Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A field of the query."""

    name: str
    schema: Schema
    about: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a route answers when all is well; `schema` None for no body."""

    status: int
    schema: Schema | None
    about: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One call that has passed the gate, with everything in it checked against the route's schemas."""

    front: Front
    key: ApiKey
    method: str
    path: str
    places: Mapping[str, str]
    """The ids in the path, in their canonical form."""
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    idempotency_key: str | None = None

    @property
    def now(self) -> datetime:
        """The service's time."""
        return self.front.now()

    def up_to_date(self) -> Front:
        """The front, with every task brought up to now."""
        self.front.hosting.advance(self.front.now())
        return self.front

    def environment(self) -> Environment:
        """The environment the path names. Raises 404 for one this key does not see."""
        found = self.up_to_date().hosting.find_environment(self.places["env_id"], self.key)
        if found is None:
            raise RefusedError(errors.not_found("Environment"))
        return found

    def shown_environment(self) -> Environment:
        """The same, for reading: an older service also hides what is down."""
        found = self.environment()
        if self.front.is_hidden(found):
            raise RefusedError(errors.not_found("Environment"))
        return found


Handler = Callable[[Ask], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """One route. `refusals` are the statuses it may answer besides those that follow from the rest."""

    method: str
    path: str
    handler: Handler
    summary: str
    reply: Reply
    query: tuple[Parameter, ...] = ()
    body: Schema | None = None
    is_body_needed: bool = False
    refusals: tuple[int, ...] = ()
    idempotency: Idempotency = Idempotency.NONE
    confirmation: str | None = None
    """A header that must say `true`, where the route destroys something."""
    needs_organization_key: bool = False
    changes_webhooks: bool = False

    @property
    def is_write(self) -> bool:
        """Whether it needs a full-access key and counts as a write."""
        return self.method != "GET"

    @property
    def place_names(self) -> tuple[str, ...]:
        """The names of the ids in its path."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))
