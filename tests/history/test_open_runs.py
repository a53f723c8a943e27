"""The copy of the open runs that is kept in memory."""

from dataclasses import replace

import pytest

from bot.core.names import RunId
from bot.core.runs import RunState
from bot.history.open_runs import OpenRuns
from tests.views.scenes import a_running_run

ONE, TWO = replace(a_running_run(), id=RunId(1)), replace(a_running_run(), id=RunId(2))


def test_nothing_is_known_before_it_was_read() -> None:
    known = OpenRuns()
    with known.noting() as note:
        note(ONE)
    assert known.runs is None, "others may be open that nobody told of"


def test_written_runs_are_noted_in_their_order() -> None:
    known = OpenRuns()
    known.put([ONE])
    with known.noting() as note:
        note(TWO)
    changed = replace(ONE, version=9)
    with known.noting() as note:
        note(changed)
    assert known.runs == [changed, TWO]


def test_run_that_has_ended_is_open_no_more() -> None:
    known = OpenRuns()
    known.put([ONE, TWO])
    with known.noting() as note:
        note(replace(ONE, state=RunState.DONE))
    with known.noting() as note:
        note(replace(a_running_run(), id=RunId(7), state=RunState.REFUSED))
    assert known.runs == [TWO]


def test_write_that_wrote_nothing_changes_nothing() -> None:
    known = OpenRuns()
    known.put([ONE])
    with known.noting() as note:
        note(None)
    assert known.runs == [ONE]


def test_write_that_broke_leaves_nothing_known() -> None:
    """Whether it was written is not known: it has to be read."""
    known = OpenRuns()
    known.put([ONE])
    with pytest.raises(OSError, match="disk"), known.noting():
        raise OSError("disk")
    assert known.runs is None


def test_what_a_reader_was_given_does_not_change_under_it() -> None:
    known = OpenRuns()
    known.put([ONE])
    given = known.runs
    with known.noting() as note:
        note(TWO)
    assert given == [ONE]
