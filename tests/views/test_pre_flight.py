"""What an approver reads first: what is in the way, how it went before, what will be noticed, what is backed up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.estimates import Estimate
from bot.core.intents import Change
from bot.core.names import Action, RunId, UpdateMode
from bot.core.pre_flight import Backups, OpenTask, PreFlight
from bot.core.runs import Run, RunState
from bot.views.phrases import say_noticed
from bot.views.runs import render_card
from tests.views.scenes import DEPLOY_PROD, LAST, NOW, PROD, REINIT_DEV, SEEN, a_run, a_sight
from tests.views.snapshots import check_snapshot

AT = NOW - timedelta(minutes=6)
FRESH = Backups(AT - timedelta(hours=3))
OLD = Backups(AT - timedelta(days=2, hours=3))
ELSEWHERE = OpenTask("backup", AT - timedelta(minutes=2))
IN_DASHBOARD = OpenTask("deploy <!here> `x`", None, is_of_user=True)
OWN = OpenTask("restart", AT, run_id=RunId(41), link="https://team.slack.example/archives/C0/p1")


def looked_at(change: Change = DEPLOY_PROD, **found: object) -> Run:
    """A run that waits, with this found at its pre-flight."""
    pre_flight = PreFlight(AT, **found)  # type: ignore[arg-type]
    return a_run(
        change=change, environment_seen=replace(SEEN, id=change.environment.id, pre_flight=pre_flight)
    )


def card_of(run: Run, **around: object) -> str:
    """Everything that is to be read on its card."""
    return repr(render_card(a_sight(run, **around)).blocks)


CARDS = {
    "nothing_in_the_way": looked_at(backups=FRESH),
    "backup_in_the_way": looked_at(open_task=ELSEWHERE, backups=FRESH),
    "dashboard_in_the_way": looked_at(open_task=IN_DASHBOARD),
    "own_task_in_the_way": looked_at(open_task=OWN),
    "not_backed_up": looked_at(backups=Backups()),
    "backups_not_told": looked_at(),
    "reinit_not_backed_up": looked_at(REINIT_DEV, backups=Backups()),
    "reinit_with_an_old_backup": looked_at(REINIT_DEV, backups=OLD),
    "reinit_with_a_fresh_backup": looked_at(REINIT_DEV, backups=FRESH),
    "reinit_backups_not_told": looked_at(REINIT_DEV),
}


@pytest.mark.parametrize("name", CARDS)
def test_card_after_each_pre_flight_is_as_kept(name: str) -> None:
    check_snapshot(f"pre_flight/{name}", render_card(a_sight(CARDS[name])))


def test_card_says_as_of_when_it_was_looked_at_however_late_it_is_drawn() -> None:
    late = replace(a_sight(looked_at(backups=FRESH)), now=NOW + timedelta(hours=2))
    shown = repr(render_card(late).blocks)
    assert f"last backup 3 h ago · as of <!date^{int(AT.timestamp())}^" in shown


def test_what_was_found_before_the_approval_is_gone_from_the_card_once_it_is_decided() -> None:
    run = replace(looked_at(open_task=ELSEWHERE, backups=OLD), state=RunState.ACCEPTED)
    shown = card_of(run)
    assert "backup" not in shown
    assert "as of" not in shown


@pytest.mark.parametrize(
    ("slow", "words"),
    [
        (timedelta(minutes=6), "usually about 4 min, seldom over 6 min"),
        (timedelta(minutes=4), "usually about 4 min ·"),
        (None, "fine"),
    ],
)
def test_time_it_takes_is_a_band_where_earlier_runs_tell(slow: timedelta | None, words: str) -> None:
    estimate = None if slow is None else Estimate(timedelta(minutes=4), slow, 7)
    asked = card_of(looked_at(), estimate=estimate).replace("\\n", " · ")
    assert words in asked
    assert ("usually" in asked) is (slow is not None)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RunState.FAILED, "last deploy 2 days ago, took 4 min 10 s, failed"),
        (RunState.CANCELLED, "last deploy 2 days ago, took 4 min 10 s, cancelled"),
        (RunState.LOST, "last deploy 2 days ago, took 4 min 10 s, outcome unknown"),
    ],
)
def test_last_run_of_the_kind_says_how_it_ended(state: RunState, words: str) -> None:
    assert words in card_of(looked_at(), last=replace(LAST, state=state))


def test_task_of_ours_is_linked_to_its_card() -> None:
    assert "(<https://team.slack.example/archives/C0/p1|#41>)" in card_of(CARDS["own_task_in_the_way"])
    unlinked = replace(OWN, link=None)
    assert "`restart` (#41) is at work" not in card_of(looked_at(open_task=unlinked))
    assert "(#41)." in card_of(looked_at(open_task=unlinked))


def test_task_whose_kind_is_not_told_is_named_plainly() -> None:
    assert "Another task is at work there" in card_of(looked_at(open_task=replace(ELSEWHERE, type="")))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change(Action.DEPLOY, PROD), "runs database migrations"),
        (Change(Action.RESTART, PROD), "without redeploying code"),
        (Change(Action.STOP, PROD), "its data is preserved"),
        (Change(Action.START, PROD), "comes online"),
        (Change(Action.UPDATE, PROD, UpdateMode.PULL_RESTART), "restarts the containers"),
        (Change(Action.UPDATE, PROD, UpdateMode.UPDATE_ALL), "every installed module, the slowest"),
        (Change(Action.UPDATE, PROD, UpdateMode.UPDATE_SPECIFIC, ("sale",)), "just these modules"),
        (REINIT_DEV, "installs these modules again"),
    ],
)
def test_every_change_says_what_it_does_and_what_is_noticed(change: Change, words: str) -> None:
    said = say_noticed(change)
    assert words in said
    assert "site" in said
