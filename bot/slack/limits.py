"""What Slack lets an app do in a while, as token buckets: pure arithmetic, in seconds of a monotonic clock.

The figures are Slack's rate limit tiers: about one new message a second and channel, several hundred a minute in
all; 50 edits a minute for the whole app in this workspace, not per message.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Pace:
    """`burst` calls at once, and one more every `gap` seconds."""

    burst: int
    gap: float


@dataclass(frozen=True, slots=True)
class Paces:
    """How fast each kind of call may go. In any minute: at most 50 edits, which is what Slack promises.

    `others` is for each of the methods that are counted like edits, by themselves: reading back, and taking away.
    """

    edits: Pace = Pace(burst=20, gap=2.0)
    posts: Pace = Pace(burst=20, gap=0.25)
    posts_in_channel: Pace = Pace(burst=2, gap=1.2)
    others: Pace = Pace(burst=10, gap=1.5)


@dataclass(frozen=True, slots=True)
class Bucket:
    """The calls that may be made now: `tokens` of them as counted at `counted_at`, growing at its pace."""

    pace: Pace
    tokens: float
    counted_at: float


def fill(pace: Pace, *, now: float) -> Bucket:
    """A full bucket."""
    return Bucket(pace, tokens=float(pace.burst), counted_at=now)


def refill(bucket: Bucket, *, now: float) -> Bucket:
    """The bucket with what time has added."""
    earned = max(now - bucket.counted_at, 0.0) / bucket.pace.gap
    return replace(bucket, tokens=min(bucket.tokens + earned, float(bucket.pace.burst)), counted_at=now)


def take(bucket: Bucket, *, now: float) -> Bucket:
    """The bucket after one call."""
    full = refill(bucket, now=now)
    return replace(full, tokens=full.tokens - 1.0)


def put_back(bucket: Bucket) -> Bucket:
    """The bucket as if one call had not been made."""
    return replace(bucket, tokens=min(bucket.tokens + 1.0, float(bucket.pace.burst)))


def delay(bucket: Bucket, *, now: float, spare: float = 0) -> float:
    """Seconds until one call may be made that leaves `spare` tokens for more urgent ones; 0 for at once."""
    needed = min(1 + spare, bucket.pace.burst) - refill(bucket, now=now).tokens
    # A token short of a billionth is there: adding up fractions must not cost a call another timer.
    return needed * bucket.pace.gap if needed > 1e-9 else 0.0
