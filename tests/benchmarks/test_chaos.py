"""Forty processes are killed, at awaits of the submit path and at random moments: nothing is doubled, nothing is lost."""

from tests.benchmarks.chaos.command import Wanted, cause_chaos
from tests.benchmarks.chaos.figures import Outcome, Seeded, count_promises, to_json, to_table
from tests.benchmarks.chaos.restarts import Restart
from tests.benchmarks.chaos.stretch import Reckoning
from tests.benchmarks.chaos.truth import DOUBLED, PROMISES, Finding

SEED = 40


async def test_forty_kills_double_nothing_and_lose_nothing() -> None:
    told: list[str] = []
    # How soon cards are true is for the benchmark to measure: here, other tests have the machine too.
    wanted = Wanted(40, (SEED,), worlds=5, restarts=0, survey=8, true_within=60)
    outcome = await cause_chaos(wanted, told.append)
    [seeded] = outcome.seeds
    assert count_promises(outcome) == dict.fromkeys(PROMISES, 0), "\n".join(told)
    assert seeded.sum("kills") == 40
    assert seeded.sum("at_points") > 0
    assert seeded.sum("asks") >= seeded.sum("runs") > 0
    assert seeded.sum("actions") > 0


def test_sums_are_told_with_what_was_broken_and_how_to_play_it_again() -> None:
    broken = Reckoning(kills=3, asks=5, findings=[Finding(DOUBLED, "run 7 was carried out twice")])
    seeds = [
        Seeded(1, [Reckoning(kills=2), broken], 4, ["a", "b"]),
        Seeded(2, [Reckoning(kills=4)], 4, ["b", "c"]),
    ]
    outcome = Outcome(seeds, [Restart(3.0, 9.0), Restart(5.0, 11.0), Restart(4.0, 10.0)], 9)
    assert outcome.missed == ["b"]
    assert not outcome.is_clean
    table = to_table(outcome)
    assert "--kills 9 --seed 1 --seed 2" in table
    assert "median 4.0 s, worst 5.0 s" in table
    told = to_json(outcome)
    assert told["sum"] == dict.fromkeys(told["sum"], 0) | {"kills": 9, "asks": 5}  # type: ignore[call-overload]
    assert told["points_missed"] == ["b"]
    assert count_promises(outcome)[DOUBLED] == 1
