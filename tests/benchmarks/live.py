"""Ten deploys at once, as they would be: sandbox and bot as processes, the real clock, and every limit as documented.

Of each end: how long until a look had it to tell, how long from there until the card and the end message said so, and both
together. 120 reads and 20 writes a minute and key at oec.sh; at Slack, the tiers of its methods.
"""

from statistics import fmean

from tests.benchmarks.benchmark import Benchmark, Options
from tests.benchmarks.deploys import Records, deploying
from tests.benchmarks.figures import Reading, percentile
from tests.benchmarks.screen import (
    CARD,
    END,
    count_refused,
    find_end_known,
    find_end_shown,
    find_step_delays,
    read_shots,
    seconds_between,
)

RUNS = 10
READS, WRITES = 120, 20
SUBJECT = f"{RUNS} deploys"


async def measure_round(options: Options) -> list[Reading]:
    """Ten of them, from the first ask until everything on the screen is true."""
    async with deploying(RUNS) as deploys:
        await deploys.there.limit_hosting(reads=READS, writes=WRITES)
        await deploys.there.pace_tasks(options.speed)
        await deploys.begin(within=0.0)
        await deploys.wait_for_ends()
        return read_live(await deploys.read())


def read_live(records: Records) -> list[Reading]:
    """What the records say, as figures."""
    shots = read_shots(records.calls, records.places)
    ends = [(course, course.ended_at, find_end_known(course, records.looks)) for course in records.courses]
    cards = {course.run: find_end_shown(course, CARD, shots) for course in records.courses}
    words = {course.run: find_end_shown(course, END, shots) for course in records.courses}
    delays = {
        "end at oec.sh to known": seconds_between((at, known) for _, at, known in ends),
        "known to card": seconds_between((known, cards[course.run]) for course, _, known in ends),
        "known to end message": seconds_between((known, words[course.run]) for course, _, known in ends),
        "end at oec.sh to card": seconds_between((at, cards[course.run]) for course, at, _ in ends),
        "end at oec.sh to end message": seconds_between((at, words[course.run]) for course, at, _ in ends),
        "step known to progress message": [
            delay for course in records.courses for delay in find_step_delays(course, shots)
        ],
    }
    readings = [one for name, values in delays.items() for one in _read_delay(name, values)]
    return [*readings, *_count_calls(records)]


def _read_delay(name: str, values: list[float]) -> list[Reading]:
    if not values:
        return []
    return [
        Reading(SUBJECT, f"{name}, mean", "s", fmean(values)),
        Reading(SUBJECT, f"{name}, p95", "s", percentile(values, 0.95)),
    ]


def _count_calls(records: Records) -> list[Reading]:
    refused = sum(one["status"] == 429 for one in records.requests)
    return [
        Reading(SUBJECT, "ends seen", "", len(records.courses)),
        Reading(SUBJECT, "looks per task", "", len(records.looks) / len(records.courses)),
        Reading(SUBJECT, "429 from oec.sh", "", refused),
        Reading(SUBJECT, "429 from Slack", "", count_refused(records.calls).total()),
    ]


BENCHMARK = Benchmark(
    name="live",
    title="Ten deploys at once on the real clock, all limits as documented",
    measure_round=measure_round,
    rounds=1,
)
