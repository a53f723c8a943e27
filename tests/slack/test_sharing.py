"""How edits are shared: what has changed most, for longest, first; and nobody is left out for ever."""

import pytest

from bot.flow.ports import SlotKind
from bot.slack.sharing import appraise

CARD, PROGRESS = SlotKind.CARD, SlotKind.PROGRESS


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((PROGRESS, 0.3, 20.0), (PROGRESS, 0.1, 20.0)),  # more has changed
        ((PROGRESS, 0.2, 40.0), (PROGRESS, 0.2, 20.0)),  # shown longer ago
        ((CARD, 0.2, 20.0), (PROGRESS, 0.2, 20.0)),  # seen by more people
        ((PROGRESS, 0.8, 20.0), (CARD, 0.1, 20.0)),  # but not at any price
        ((PROGRESS, 0.0, 20.0), (PROGRESS, 0.0, 10.0)),  # nothing that can be measured, but older
        ((PROGRESS, 0.1, 500.0), (PROGRESS, 1.0, 10.0)),  # waited long enough
        ((PROGRESS, 0.2, 5.0), (PROGRESS, -1.0, -5.0)),  # nonsense is worth nothing
    ],
)
def test_edit_that_is_worth_more_goes_first(
    first: tuple[SlotKind, float, float], second: tuple[SlotKind, float, float]
) -> None:
    worths = [appraise(kind, change=change, unseen=unseen) for kind, change, unseen in (first, second)]
    assert worths[0] > worths[1]


def test_fifty_runs_that_get_on_alike_take_turns() -> None:
    """One edit every two seconds: each of fifty messages moves, and none a second time before all have."""
    shown_at = dict.fromkeys(range(50), 0.0)
    turns = []
    for turn in range(1, 101):
        now = 2.0 * turn
        worth = {
            run: appraise(PROGRESS, change=(now - at) / 180, unseen=now - at) for run, at in shown_at.items()
        }
        chosen = max(worth, key=worth.__getitem__)
        shown_at[chosen] = now
        turns.append(chosen)
    assert sorted(turns[:50]) == sorted(turns[50:]) == list(range(50))


def test_run_that_hardly_moves_is_shown_all_the_same() -> None:
    """Nine quick ones and a slow one, one edit a second: the slow one waits longer, not for ever."""
    shown_at = dict.fromkeys(range(10), 0.0)
    speeds = {run: 0.0005 if run == 9 else 0.02 for run in range(10)}
    shown: list[float] = []
    for now in map(float, range(1, 301)):
        chosen = max(
            shown_at,
            key=lambda run: appraise(
                PROGRESS, change=min(speeds[run] * (now - shown_at[run]), 1.0), unseen=now - shown_at[run]
            ),
        )
        shown_at[chosen] = now
        shown += [now] if chosen == 9 else []
    assert len(shown) >= 5
