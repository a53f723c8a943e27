"""What Slack lets an app do in a while: pure arithmetic, in seconds of a monotonic clock.

The figures are Slack's rate limit tiers: about one new message a second and channel, several hundred a minute in
all; 50 edits a minute for the whole app in this workspace, not per message.
"""

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Pace:
    """`burst` calls at once, and one more every `gap` seconds."""

    burst: int
    gap: float


@dataclass(frozen=True, slots=True)
class Quota:
    """`most` calls in any `span` seconds, whenever in it they are made.

    `before` are those that a life before this one may have made in the span before it began.
    """

    most: int
    span: float
    before: int = 0


@dataclass(frozen=True, slots=True)
class Paces:
    """How fast each kind of call may go.

    Edits are what Slack promises in any minute, and two seconds more, for a call may arrive sooner than one before it.
    `progress` is what edits in the middle of runs may have of them, so that they come one by one and leave room for ends.
    `others` is for each of the methods that are counted like edits, by themselves: reading back, and taking away.
    """

    edits: Quota | Pace = Quota(most=50, span=62.0, before=30)
    progress: Pace = Pace(burst=5, gap=1.8)
    posts: Pace = Pace(burst=20, gap=0.25)
    posts_in_channel: Pace = Pace(burst=2, gap=1.3)
    others: Pace = Pace(burst=10, gap=1.5)


@dataclass(frozen=True, slots=True)
class Bucket:
    """The calls that may be made now: `tokens` of them as counted at `counted_at`, growing at its pace."""

    pace: Pace
    tokens: float
    counted_at: float


@dataclass(frozen=True, slots=True)
class Window:
    """The calls that count against a quota: when each was `made`, the oldest first."""

    quota: Quota
    made: tuple[float, ...] = ()


Meter = Bucket | Window


def begin(limit: Pace | Quota, *, now: float) -> Meter:
    """Nothing counted yet but what may have been before."""
    if isinstance(limit, Pace):
        return Bucket(limit, tokens=float(limit.burst), counted_at=now)
    return Window(limit, _spread(limit, limit.before, now))


def drain(limit: Pace | Quota, *, until: float) -> Meter:
    """There was no room, and will be for two calls at that moment; from then on they come one by one."""
    if isinstance(limit, Pace):
        return Bucket(limit, tokens=min(2.0, float(limit.burst)), counted_at=until)
    return Window(limit, _spread(limit, limit.most, until)[2:])


def take(meter: Meter, *, now: float) -> Meter:
    """The meter after one call."""
    if isinstance(meter, Bucket):
        full = refill(meter, now=now)
        return replace(full, tokens=full.tokens - 1.0)
    return replace(meter, made=(*_counted(meter, now), now))


def put_back(meter: Meter) -> Meter:
    """The meter as if the last call had not been made."""
    if isinstance(meter, Bucket):
        return replace(meter, tokens=min(meter.tokens + 1.0, float(meter.pace.burst)))
    return replace(meter, made=meter.made[:-1])


def delay(meter: Meter, *, now: float, spare: float = 0) -> float:
    """Seconds until one call may be made that leaves `spare` of them for more urgent ones; 0 for at once."""
    if isinstance(meter, Bucket):
        needed = min(1 + spare, meter.pace.burst) - refill(meter, now=now).tokens
        # A token short of a billionth is there: adding up fractions must not cost a call another timer.
        return needed * meter.pace.gap if needed > 1e-9 else 0.0
    counted = _counted(meter, now)
    in_the_way = len(counted) - max(meter.quota.most - math.ceil(spare), 1)
    return 0.0 if in_the_way < 0 else counted[in_the_way] + meter.quota.span - now


def refill(bucket: Bucket, *, now: float) -> Bucket:
    """The bucket with what time has added."""
    earned = max(now - bucket.counted_at, 0.0) / bucket.pace.gap
    return replace(bucket, tokens=min(bucket.tokens + earned, float(bucket.pace.burst)), counted_at=now)


def _counted(window: Window, now: float) -> tuple[float, ...]:
    return tuple(at for at in window.made if at > now - window.quota.span)


def _spread(quota: Quota, calls: int, now: float) -> tuple[float, ...]:
    """So many calls, evenly over the span before this moment."""
    return tuple(now - quota.span * (calls - number) / calls for number in range(calls))
