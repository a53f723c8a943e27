"""What stands between a caller and the store: limits, refused addresses, faults, locks, and the record of calls."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import web

from bot.sim.hosting import errors
from bot.sim.hosting.courier import Courier
from bot.sim.hosting.dialect import Dialect
from bot.sim.hosting.entities import DOWN, Environment, KeyKind
from bot.sim.hosting.errors import Answer, RefusedError
from bot.sim.hosting.faults import Fault
from bot.sim.hosting.idempotency import AnswerMemory
from bot.sim.hosting.keys import Refusals
from bot.sim.hosting.limits import Bucket, Limits, admit_from_first
from bot.sim.hosting.shapes import Writer
from bot.sim.hosting.store import Hosting

REQUESTS_KEPT = 20_000
"""A demo may run for days; the oldest calls are forgotten."""


@dataclass(slots=True)
class SeenRequest:
    """One call as it came in, and how it was answered (`status` None: the connection was cut)."""

    number: int
    at: datetime
    method: str
    path: str
    query: str
    key_kind: KeyKind | None
    idempotency_key: str | None
    body: object
    status: int | None = None


def utc_now() -> datetime:
    """The clock used unless another is given."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Front:
    """Everything that decides about a call before, or instead of, the store."""

    hosting: Hosting
    now: Callable[[], datetime] = utc_now
    dialect: Dialect = field(default_factory=Dialect)
    courier: Courier = field(init=False)
    limits: Limits = field(default_factory=Limits)
    buckets: dict[str, Bucket] = field(default_factory=dict)
    refusals: dict[str, Refusals] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: deque[SeenRequest] = field(default_factory=lambda: deque(maxlen=REQUESTS_KEPT))
    request_count: int = 0
    answers: AnswerMemory = field(default_factory=AnswerMemory)
    locked_until: dict[str, datetime] = field(default_factory=dict)
    target_buckets: dict[str, Bucket] = field(default_factory=dict)
    """What counts against the limits of one target, or of changes to webhooks."""
    queueing: set[str] = field(default_factory=set)
    """Environments for which an action is being queued this instant."""
    queue_is_open: asyncio.Event = field(default_factory=asyncio.Event)
    patience: timedelta = timedelta(seconds=30)
    """The platform's action lock lasts up to 30 s; a queue that stays stuck for so long has failed."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.queue_is_open.set()
        self.courier = Courier(self.hosting, self.now, lambda: self.dialect)

    @property
    def writer(self) -> Writer:
        """How this service writes its objects."""
        return Writer(self.dialect)

    def is_hidden(self, environment: Environment) -> bool:
        """Whether this service shows an environment to nobody while it is down."""
        return self.dialect.hides_down and environment.status in DOWN

    def change_limits(self, limits: Limits) -> None:
        """Put other limits in force; counting starts afresh and blocked addresses are free again."""
        self.limits = limits
        self.buckets.clear()
        self.target_buckets.clear()
        self.refusals.clear()

    def refuse_if_too_many(self, code: str, target: str, *, limit: int) -> None:
        """Count a call on a target that takes only `limit` a minute. Raises 429 with that code."""
        now, name = self.now(), f"{code}/{target}"
        verdict = admit_from_first(
            self.target_buckets.get(name, Bucket()), limit=limit, span=self.limits.minute, now=now
        )
        self.target_buckets[name] = verdict.bucket
        if not verdict.is_allowed:
            words = f"Too many calls here. Try again in {verdict.retry_after} seconds."
            raise RefusedError(self.too_many(code, words, verdict.retry_after))

    def too_many(self, code: str, words: str, seconds: int) -> Answer:
        """A 429 with as much of a hint as this service gives."""
        hint = {"retry_after": seconds} if self.limits.has_hint else {}
        headers = {"Retry-After": str(seconds)} if self.limits.has_headers else {}
        return Answer(429, errors.coded(429, code, words, **hint).body, headers)

    def refuse_if_locked(self, environment_id: str) -> None:
        """Raise 409 `concurrent_action` while another action is being queued for the environment."""
        until = self.locked_until.get(environment_id)
        if environment_id in self.queueing or (until is not None and self.now() < until):
            raise RefusedError(errors.concurrent_action())

    @contextmanager
    def lock(self, environment_id: str) -> Iterator[None]:
        """Hold the environment's action lock while an action is being queued."""
        self.queueing.add(environment_id)
        try:
            yield
        finally:
            self.queueing.discard(environment_id)

    async def wait_for_queue(self) -> None:
        """Wait until the queue takes tasks. Raises 503 `enqueue_failed` when it stays stuck."""
        if self.queue_is_open.is_set():
            return
        try:
            await asyncio.wait_for(self.queue_is_open.wait(), self.patience.total_seconds())
        except TimeoutError:
            raise RefusedError(errors.enqueue_failed()) from None

    async def hang(self, span: timedelta) -> None:
        """Let a call wait; ends early when the server stops."""
        try:
            await asyncio.wait_for(self.stopping.wait(), span.total_seconds())
        except TimeoutError:
            return


FRONT: web.AppKey[Front] = web.AppKey("front", Front)
