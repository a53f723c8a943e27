"""Three voices that foretell the end of a task, and how far each of them is believed.

    history     it goes on like one of the earlier runs that are still possible: a step seen to end at a known time says
                of each of them how long the whole would take
    pace        it goes on as fast as it went: half of the steps done is half of the time
    ignorance   it may end at any time, the sooner the younger it is

Each is believed as far as it has foretold what was seen since. So a history of another kind of run is soon believed no
more, and a task of which nothing is known is still followed. Times are seconds since the beginning of the work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erf, exp, sqrt

from bot.core.curves import Span
from bot.core.habits import Habits


@dataclass(frozen=True, slots=True)
class Sighting:
    """So many steps were seen to be done: at `missed` fewer were, at `seen` they were."""

    done: int
    missed: float
    seen: float


NOTHING_SEEN = Sighting(0, 0.0, 0.0)

Belief = tuple[float, float, float]
"""How far history, pace and ignorance are believed; together one."""

TRUSTING: Belief = (0.96, 0.035, 0.005)
UNTAUGHT: Belief = (0.0, 0.9, 0.1)
"""The same where there is no history."""

_LEAST: Belief = (0.01, 0.003, 0.003)
"""No voice is ever believed less than this: things may change again."""

_DOUBT = 0.03
"""The part of every voice that is ignorance all the same."""

_DEVIATIONS = (-1.59, -0.97, -0.59, -0.28, 0.0, 0.28, 0.59, 0.97, 1.59)
"""Nine equally likely values of a normal distribution."""

_UNEVEN = 0.35
"""How far the pace of the rest may be from that of what is done (of its logarithm), with everything to come."""

_UNSURE = 0.2
"""How many steps more or fewer are likely to be done than the pace foretells: this many, and this part of them."""

_ROOT_OF_TWO = 1.4142

_BLUR = 0.1
"""The part of the time still to come by which any foretold moment is blurred."""

_IMPOSSIBLE = 1e-3
"""What is left of the weight of an earlier run that what was seen rules out: steps are not always told in order."""

_USUAL_STEP = 15.0
"""Seconds after which half of all steps have ended, for all that ignorance knows."""

_SHORTEST = 0.5
"""Seconds: nothing is foretold more exactly."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a voice says: spans in which the end lies, weighted; their `whole` weight; and between when the next step comes.

    `kept` is the part of what it held possible when the last step was seen that is still possible.
    """

    spans: Sequence[Span] = ()
    whole: float = 0.0
    kept: float = 0.0
    change: tuple[float, float] | None = None


def recall(habits: Habits, total: int, last: Sighting, looked: float) -> Word:
    """History's word on a task of `total` steps that had not moved since its last step when it was looked at."""
    courses = habits.by_steps.get(total, ())
    if not courses or not last.done:
        return _recall_durations(habits, total, looked)
    return _recall_steps(habits, courses, last, looked)


def _recall_durations(habits: Habits, total: int, looked: float) -> Word:
    """Before the first step, and where the steps of earlier runs are not known: their durations."""
    spans: list[Span] = []
    whole, changes = 0.0, 0.0
    blur = habits.spread * _BLUR * 2
    for course in habits.courses:
        begin, end, weight = course.seconds * (1 - blur), course.seconds * (1 + blur), 1.0
        if end <= looked:
            continue
        if begin < looked:
            begin, weight = looked, (end - looked) / (end - begin)
        first = course.parts[1] * course.seconds if len(course.parts) == total + 1 else looked
        weight = weight if first >= looked else _IMPOSSIBLE
        spans.append((begin, max(end, begin + _SHORTEST), weight))
        whole += weight
        changes += weight * max(first, looked)
    if whole <= 0:
        return Word()
    change = changes / whole
    return Word(spans, whole, whole / len(habits.courses), (looked, 2 * change - looked + 1))


def _recall_steps(
    habits: Habits, courses: Sequence[tuple[float, ...]], last: Sighting, looked: float
) -> Word:
    spans: list[Span] = []
    whole = first = begins = ends = 0.0
    done, missed, seen = last.done, last.missed, last.seen
    middle = (missed + seen) / 2
    blur = _BLUR / sqrt(len(courses))
    for parts in courses:
        part = parts[done]
        weight = habits.likelihood(middle / part)
        first += weight
        begin, end = missed / part, seen / part
        extra = (end - seen) * blur
        begin, end = max(begin - extra, seen), end + extra
        if end <= looked:
            continue
        least = looked / parts[done + 1]  # a run that ends sooner would have shown its next step
        if end <= least:
            begin, weight = max(begin, looked), weight * _IMPOSSIBLE
        elif begin < least:
            begin, weight = least, weight * (end - least) / (end - begin)
        end = max(end, begin + _SHORTEST)
        spans.append((begin, end, weight))
        whole += weight
        begins += weight * max(begin * parts[done + 1], looked)
        ends += weight * max(end * parts[done + 1], looked + 1)
    if whole <= 1e-12:
        return Word()
    return Word(spans, whole, min(whole / first, 1.0), (begins / whole, ends / whole))


def pace(total: int, last: Sighting, looked: float) -> Word:
    """The pace's word: the rest takes its share of the time that what is done has taken."""
    if not last.done or total <= last.done:
        return Word()
    spans: list[Span] = []
    whole = 0.0
    rest = (total - last.done) / last.done
    uneven = _UNEVEN * sqrt((total - last.done) / total) + 0.03
    middle = (last.missed + last.seen) / 2
    for deviation in _DEVIATIONS:
        more = rest * exp(uneven * deviation)
        blur = _BLUR * middle * more
        begin, end, weight = last.missed * (1 + more) - blur, last.seen * (1 + more) + blur, 1.0
        if end <= looked:
            continue
        if begin < looked:
            begin, weight = looked, (end - looked) / (end - begin)
        spans.append((begin, max(end, begin + _SHORTEST), weight))
        whole += weight
    return Word(spans, whole, whole / len(_DEVIATIONS)) if whole > 1e-12 else Word()


def shrug(last: Sighting, looked: float) -> float:
    """The part of what ignorance held possible when the last step was seen that is still possible."""
    return _USUAL_STEP / (_USUAL_STEP + max(looked - last.seen, 0.0))


def weigh(belief: Belief, said: Belief) -> Belief:
    """How far each is believed that had given this chance to what was seen."""
    scaled = [one * chance for one, chance in zip(belief, said, strict=True)]
    whole = sum(scaled) or 1.0
    history, pace, ignorance = (max(one / whole, least) for one, least in zip(scaled, _LEAST, strict=True))
    whole = history + pace + ignorance
    return history / whole, pace / whole, ignorance / whole


def learn(habits: Habits, total: int, belief: Belief, before: Sighting, after: Sighting) -> Belief:
    """How far each voice is believed once this was seen after that."""
    blind = _shrug_at(total, before, after)
    said = (
        _say_history(habits, total, before, after) * (1 - _DOUBT) + _DOUBT * blind,
        _say_pace(total, before, after) * (1 - _DOUBT) + _DOUBT * blind,
        blind,
    )
    return weigh(belief, said)


def _shrug_at(total: int, before: Sighting, after: Sighting) -> float:
    """Steps end at any time, and each further one in the same look is half as likely as the one before."""
    early = shrug(before, after.missed)
    late = shrug(before, after.seen)
    return max(early - late, 1e-6) * 0.5 ** min(after.done - before.done, total - before.done - 1)


def _say_history(habits: Habits, total: int, before: Sighting, after: Sighting) -> float:
    """The chance that history gave to what was seen: these steps, no more, between those two looks."""
    courses = habits.by_steps.get(total, ())
    if not courses:
        return 0.0
    if not before.done:
        hits = sum(1 for course in habits.courses if _fits(course.parts, course.seconds, total, after))
        return hits / len(habits.courses)
    whole = hit = 0.0
    middle = (before.missed + before.seen) / 2
    for parts in courses:
        part = parts[before.done]
        weight = habits.likelihood(middle / part)
        whole += weight * (before.seen - before.missed)
        least = max(before.missed, after.missed * part / parts[before.done + 1])
        if after.done < total:
            least = max(least, after.seen * part / parts[after.done + 1])
        most = min(before.seen, after.seen * part / parts[after.done])
        hit += weight * max(most - least, 0.0)
    return hit / whole if whole > 0 else 0.0


def _fits(parts: Sequence[float], seconds: float, total: int, after: Sighting) -> bool:
    if len(parts) != total + 1 or seconds * parts[1] <= after.missed:
        return False
    return seconds * parts[after.done] <= after.seen < seconds * parts[min(after.done + 1, total)]


def _say_pace(total: int, before: Sighting, after: Sighting) -> float:
    """The chance that the pace gave to it, with as much doubt as the way ahead is long."""
    if not before.done:
        return 1 / (total + 1)
    middle = (before.missed + before.seen) / 2
    a_step = middle / before.done
    late, early = (after.seen - middle) / a_step, (after.missed - middle) / a_step
    done = after.done - before.done
    not_more = 1.0 if after.done == total else _below(done + 1, late)
    return max(not_more - _below(done, late), 1e-4) * max(_below(1, early), 1e-4)


def _below(steps: float, expected: float) -> float:
    """The chance that fewer steps are done than these where so many are expected."""
    return 0.5 * (1 + erf((steps - expected) / (_UNSURE + _UNSURE * max(expected, 0.0)) / _ROOT_OF_TWO))
