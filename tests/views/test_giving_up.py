"""Giving up asks back before, says what may happen all the same, and says why it is not done."""

import pytest

from bot.core.runs import Run
from bot.views.giving_up import give_up_modal, render_not_given_up
from tests.views.scenes import ADOPTED, OTHERS, STATES
from tests.views.snapshots import check_snapshot


@pytest.mark.parametrize("name", ["silent_before_task", "stuck"])
def test_question_before_giving_up_is_as_kept(name: str) -> None:
    check_snapshot(f"modal/give_up_{name}", give_up_modal(OTHERS[name]))


@pytest.mark.parametrize(
    "run", [STATES["submitting"], STATES["running"], ADOPTED], ids=lambda run: run.state.value
)
def test_question_is_within_the_limits_whatever_is_not_known(run: Run) -> None:
    assert give_up_modal(run).submit


@pytest.mark.parametrize("name", ["running", "submitting", "done", "lost"])
def test_run_that_is_not_given_up_is_told_as_kept(name: str) -> None:
    check_snapshot(f"answer/not_given_up_{name}", render_not_given_up(STATES[name]))
