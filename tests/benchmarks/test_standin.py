"""The benchmark of the stand-ins measures what it says, of both whom it compares; how much that is, nobody asserts."""

import pytest

from tests.benchmarks.benchmark import Options
from tests.benchmarks.standin import BARE, STAND_IN, measure_subject


@pytest.mark.parametrize(("subject", "words"), [(BARE, ("--bare",)), (STAND_IN, ())])
async def test_every_load_has_its_figures(subject: str, words: tuple[str, ...]) -> None:
    readings = await measure_subject(subject, Options(4, 1, print), *words)
    assert {one.subject for one in readings} == {subject}
    told = {one.figure for one in readings if not one.figure.endswith("per core")}
    loads = ["Web API calls (chat.postMessage)", "oec.sh reads (status)", "envelopes, typed at the side door"]
    wanted = {f"{load}, {figure}" for load in loads for figure in ("median", "p99", "50 at a time")}
    assert told == wanted | {"envelopes, sent from within, 50 at a time"}
    assert all(one.value > 0 for one in readings)
