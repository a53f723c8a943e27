"""Cards, progress messages and ends: every state and every situation, exactly."""

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from bot.core.entries import (
    ApprovalEscalated,
    ApprovalRanOut,
    ApprovalRenewed,
    ApproversReminded,
    Asked,
    BlockedAsk,
    Claimed,
    Consented,
    DeniedAsk,
    Ended,
    Entry,
    Followed,
    GaveUp,
    Pleaded,
    PleaTaken,
    RecordedEntry,
    Refused,
    Resumed,
    RulesChanged,
    RulesRefused,
    Sent,
    Started,
    Voted,
    VoteRefused,
)
from bot.core.estimates import Band
from bot.core.names import ButtonId, IdempotencyKey, RunId, TaskId
from bot.core.runs import Run, RunState
from bot.core.tasks import Refusal, TaskLog, TaskReport
from bot.views import buttons
from bot.views.message import Message
from bot.views.runs import render_card, render_end, render_progress, render_run
from tests.support.block_limits import find_pings
from tests.views.scenes import (
    ANA,
    APPROVAL,
    BEN,
    BLOCKED,
    BLOCKER,
    DEPLOYS,
    ESTIMATE,
    EVA,
    FAILED,
    IN_THREAD,
    NOW,
    OTHERS,
    QUEUED,
    STATES,
    a_report,
    a_run,
    a_running_run,
    a_sight,
    an_ended_run,
)
from tests.views.snapshots import breaches, check_snapshot

ALL = STATES | OTHERS


def kinds(message: Message) -> list[str]:
    """The kinds of all buttons in a message."""
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [element["action_id"] for row in rows for element in row]


def words(message: Message) -> str:
    """Everything a reader sees."""
    return repr(message.blocks)


def test_scenes_hold_every_state() -> None:
    assert {run.state for run in STATES.values()} == set(RunState)


@pytest.mark.parametrize("name", ALL)
def test_card_of_each_situation_is_as_kept(name: str) -> None:
    blocker = BLOCKER if name == "blocked" else None
    check_snapshot(f"card/{name}", render_card(a_sight(ALL[name], blocker=blocker)))


@pytest.mark.parametrize("name", ALL)
def test_end_of_each_situation_is_as_kept(name: str) -> None:
    check_snapshot(f"end/{name}", render_end(a_sight(ALL[name])))


@pytest.mark.parametrize("name", ALL)
def test_progress_of_each_situation_is_as_kept(name: str) -> None:
    check_snapshot(f"progress/{name}", render_progress(a_sight(ALL[name])))


@pytest.mark.parametrize("name", ["waiting", "running", "failed", "blocked"])
def test_run_shown_privately_is_as_kept(name: str) -> None:
    check_snapshot(
        f"run/{name}", render_run(a_sight(ALL[name]), link="https://team.slack.example/archives/C0/p1")
    )


HISTORY = (
    Asked(ANA, "deploy prod", "channels.C0DEPLOYS[0]", "needs_approval"),
    DeniedAsk(EVA, "deploy prod", DEPLOYS, "no_rule", None),
    BlockedAsk(EVA, "restart prod", DEPLOYS, False, "channels.C0DEPLOYS[1]", 16),
    BlockedAsk(BEN, "deploy prod", DEPLOYS, True, "channels.C0DEPLOYS[0]", 15),
    Pleaded(EVA, "deploy prod", DEPLOYS, "releasers"),
    PleaTaken(ANA, EVA),
    VoteRefused(ANA, "own_request"),
    Claimed(BEN),
    Claimed(BEN, begins=False),
    ApproversReminded((BEN,), asleep=(EVA,)),
    ApprovalEscalated("leads", (), asleep=(EVA, BEN)),
    Consented(BEN, 1, 2, "approvals[0]", 14, "f" * 64),
    RulesChanged("oec.yml", "f" * 64, "e" * 64),
    RulesRefused("oec.yml", "d" * 64, ("oec.yml:3: a <!channel> mistake",)),
    ApprovalRenewed("approvals[0]", 15, "f" * 64, votes_lost=(BEN,)),
    Voted(BEN, "granted", "password=hunter2 is fine", "approvals[0]", 15, "f" * 64),
    Sent(IdempotencyKey("k-1")),
    Started(TaskId("7d0b5f0a-3c1e-4b7a-8f2d-9a6c4e1b2d3f")),
    Started(TaskId("7d0b5f0a-3c1e-4b7a-8f2d-9a6c4e1b2d3f"), is_presumed=True),
    Followed(EVA),
    GaveUp(ANA),
    Resumed(95),
    Refused("task_in_progress", "A <!channel> task"),
    ApprovalRanOut(),
    Ended("failed", "relation `sale` does not exist"),
)


def recorded(*entries: Entry) -> tuple[RecordedEntry, ...]:
    return tuple(
        RecordedEntry(RunId(42), NOW + timedelta(seconds=number), one) for number, one in enumerate(entries)
    )


def test_run_with_its_history_is_as_kept() -> None:
    assert {type(one) for one in HISTORY} == set(get_args(Entry)), "each kind of entry is shown"
    shown = render_run(a_sight(ALL["failed"]), entries=recorded(*HISTORY))
    check_snapshot("run/with_history", shown)
    assert "hunter2" not in words(shown)


def test_run_with_a_long_history_shows_the_newest_of_it() -> None:
    refused: list[Entry] = [VoteRefused(ANA, "own_request")]
    entries = [*refused * 200, Ended("expired")]
    shown = render_run(a_sight(ALL["expired"]), entries=recorded(*entries))
    assert breaches(shown) == []
    assert "ended: expired" in words(shown)


def test_card_without_anything_known_is_as_kept() -> None:
    bare = a_run(environment_seen=None)
    check_snapshot(
        "card/waiting_unknown", render_card(a_sight(bare, estimate=None, last=None, approval=None))
    )


@pytest.mark.parametrize("name", ALL)
def test_every_line_has_at_most_one_sign(name: str) -> None:
    signs = set("⏳▶✓✕◼⚠🔒")
    for message in (render_card(a_sight(ALL[name])), render_end(a_sight(ALL[name]))):
        texts = [block["text"]["text"] for block in message.blocks if block["type"] == "section"]
        for line in "\n".join([message.text, *texts]).splitlines():
            assert sum(character in signs for character in line) <= 1, line


# What an approver sees


def test_waiting_card_offers_votes_and_a_claim_on_the_run_itself() -> None:
    card = render_card(a_sight(a_run()))
    assert kinds(card) == [buttons.APPROVE, buttons.DECLINE, buttons.LOOKING]
    approve, *others = [element["value"] for element in card.blocks[-1]["elements"]]
    assert approve == f"h-42-opaque-0001.{APPROVAL.fingerprint}"
    assert set(others) == {"h-42-opaque-0001"}


def test_waiting_card_where_the_requester_may_approve_does_not_exclude_them() -> None:
    lenient = replace(APPROVAL, requester_may_approve=True)
    assert "not the requester" not in words(render_card(a_sight(a_run(), approval=lenient)))
    assert "not the requester" in words(render_card(a_sight(a_run())))


def test_waiting_card_with_ids_for_approvers_shows_them_and_calls_nobody() -> None:
    named = replace(APPROVAL, approvers="U0BEN12, S0RELEASE1", escalate_to="S0LEADS1", escalated_at=NOW)
    card = render_card(a_sight(a_run(), approval=named))
    assert find_pings(card.blocks) == {f"@{ANA}"}
    assert "`U0BEN12`, `S0RELEASE1`" in words(card)


def test_reinit_card_warns_and_lists_the_modules() -> None:
    card = words(render_card(a_sight(OTHERS["reinit"])))
    assert "dropped and created anew" in card
    assert "`sale`, `stock`" in card
    assert "danger" in card


# While it runs


def test_running_card_changes_only_with_the_minute() -> None:
    run = a_running_run()
    first = render_card(a_sight(run))
    later = replace(a_sight(run), now=NOW + timedelta(seconds=2))
    assert render_card(later) == first


def test_overdue_run_is_said_to_take_longer_and_promises_no_time() -> None:
    old = a_running_run(report=a_report(started_at=NOW - timedelta(minutes=20)))
    assert "taking longer than usual" in render_card(a_sight(old, band=None)).text
    assert "longer than usual" in words(render_progress(a_sight(old, band=None)))
    assert "to go ·" not in words(render_progress(a_sight(old, band=None)))


def test_overdue_run_whose_end_is_near_says_both() -> None:
    old = a_running_run(report=a_report(started_at=NOW - timedelta(minutes=20)))
    near = Band(NOW + timedelta(seconds=15), NOW + timedelta(seconds=18))
    assert "about 20 s to go, longer than usual" in words(render_progress(a_sight(old, band=near)))
    assert "done about" in render_card(a_sight(old, band=near)).text


@pytest.mark.parametrize(
    ("half", "most", "said"),
    [
        (110, 200, "about 2 min to go, likely under 4 min"),
        (100, 119, "about 2 min to go"),
        (0, 4, "a few seconds to go, likely under 10 s"),
        (-5, 30, "a few seconds to go, likely under 30 s"),
        (900, 1510, "about 15 min to go, likely under 30 min"),
    ],
)
def test_time_to_go_is_said_with_its_bound_where_that_says_more(half: int, most: int, said: str) -> None:
    band = Band(NOW + timedelta(seconds=half), NOW + timedelta(seconds=most))
    told = words(render_progress(a_sight(a_running_run(), band=band)))
    assert f"so far, {said}" in told
    assert ("likely" in told) == ("likely" in said)


def test_end_foretold_for_a_moment_gone_by_is_not_told() -> None:
    over = Band(NOW - timedelta(seconds=9), NOW)
    assert "to go," not in words(render_progress(a_sight(a_running_run(), band=over)))
    assert "done about" not in render_card(a_sight(a_running_run(), band=over)).text


def test_card_names_one_minute_where_the_bound_is_in_the_same() -> None:
    band = Band(NOW + timedelta(seconds=40), NOW + timedelta(seconds=80))
    text = render_card(a_sight(a_running_run(), band=band)).text
    assert "done about" in text
    assert "likely" not in text


def test_brief_silence_is_not_mentioned() -> None:
    brief = a_running_run(unanswered_since=NOW - timedelta(seconds=20))
    assert "answered" not in words(render_card(a_sight(brief)))


def test_card_in_a_thread_shows_the_progress_too() -> None:
    assert "Run migrations" in words(render_card(a_sight(IN_THREAD)))
    assert "Run migrations" not in words(render_card(a_sight(a_running_run())))


def test_progress_with_more_steps_than_fit_counts_the_rest() -> None:
    long = a_running_run(report=a_report(steps_completed=0, total_steps=0, progress_percent=0), steps=())
    assert "0 %" in words(render_progress(a_sight(long)))
    assert "queued" in words(render_progress(a_sight(QUEUED)))


def test_percent_out_of_bounds_is_brought_into_bounds() -> None:
    odd = a_running_run(report=a_report(progress_percent=900, steps_completed=99))
    assert "100 %" in words(render_progress(a_sight(odd)))
    assert "step 12 of 12" in words(render_progress(a_sight(odd)))


# Ends


def test_end_tells_whoever_asked_approved_or_follows() -> None:
    assert find_pings(render_end(a_sight(STATES["done"])).blocks) == {f"@{ANA}", f"@{BEN}", f"@{EVA}"}


def test_end_of_an_open_run_tells_nobody() -> None:
    assert find_pings(render_end(a_sight(a_running_run())).blocks) == set()


def test_failure_offers_log_and_retry() -> None:
    assert kinds(render_end(a_sight(FAILED))) == [buttons.LOG, buttons.RETRY]
    assert kinds(render_card(a_sight(FAILED))) == [buttons.LOG, buttons.RETRY]


def test_failure_shows_the_last_lines_without_secrets() -> None:
    end = words(render_end(a_sight(FAILED)))
    assert "hunter2" not in end
    assert "loading module 19" in end
    assert "loading module 5" not in end


def test_failure_with_an_empty_log_shows_none() -> None:
    assert "rich_text" not in words(
        render_end(a_sight(replace(FAILED, log=TaskLog("  \n", truncated=False))))
    )


def test_decline_and_withdrawal_offer_no_retry() -> None:
    for name in ("declined", "withdrawn", "done"):
        assert kinds(render_card(a_sight(STATES[name]))) == []


@pytest.mark.parametrize("name", ["refused", "expired", "dropped", "cancelled", "lost"])
def test_ends_without_effect_can_be_asked_again(name: str) -> None:
    assert buttons.RETRY in kinds(render_card(a_sight(STATES[name])))


def test_lost_run_is_to_be_looked_at_before_it_is_asked_for_again() -> None:
    for name in ("lost", "lost_unsent", "given_up", "no_longer_followed"):
        assert "before you ask again" in words(render_card(a_sight(ALL[name])))
        assert "failed" not in words(render_end(a_sight(ALL[name])))


@pytest.mark.parametrize("name", ["silent_before_task", "stuck", "stuck_in_queue", "stuck_and_silent"])
def test_run_that_does_not_get_on_offers_a_way_out(name: str) -> None:
    assert buttons.GIVE_UP in kinds(render_card(a_sight(ALL[name])))
    assert "failed" not in words(render_card(a_sight(ALL[name])))


@pytest.mark.parametrize("name", ["submitting", "running", "silent", "queued", "waiting", "unknown_status"])
def test_run_that_gets_on_offers_none(name: str) -> None:
    assert buttons.GIVE_UP not in kinds(render_card(a_sight(ALL[name])))


def test_run_started_elsewhere_cannot_be_retried_from_here() -> None:
    assert buttons.RETRY not in kinds(render_card(a_sight(replace(FAILED, adopted=True))))


def test_refusal_for_a_run_of_ours_offers_to_follow_that_run() -> None:
    card = render_card(a_sight(BLOCKED, blocker=BLOCKER))
    assert kinds(card)[0] == buttons.FOLLOW
    assert card.blocks[-1]["elements"][0]["value"] == BLOCKER.handle


def test_refusal_for_a_foreign_task_offers_to_follow_that_task() -> None:
    card = render_card(a_sight(BLOCKED))
    assert kinds(card)[0] == buttons.FOLLOW_TASK
    assert card.blocks[-1]["elements"][0]["value"] == BLOCKED.handle


def test_refusal_for_an_unnamed_task_offers_nothing_to_follow() -> None:
    nameless = replace(BLOCKED, refusal=Refusal("task_in_progress"))
    assert kinds(render_card(a_sight(nameless))) == [buttons.RETRY]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (250, "as usual"),
        (400, "slower than 9 of 10"),
        (320, "a bit slower than usual"),
        (100, "quicker than usual"),
    ],
)
def test_end_compares_with_what_is_usual(seconds: int, said: str) -> None:
    took = timedelta(seconds=seconds)
    done = replace(STATES["done"], report=replace(_report(STATES["done"]), duration=took))
    assert said in render_end(a_sight(done)).text


def test_end_without_history_compares_with_nothing() -> None:
    text = render_end(a_sight(STATES["done"], estimate=None)).text
    assert "usual" not in text
    assert "4 min 10 s" in text


def test_seconds_of_difference_are_as_usual() -> None:
    quick = replace(ESTIMATE, usual=timedelta(seconds=4), slow=timedelta(seconds=5))
    took = replace(_report(STATES["done"]), duration=timedelta(seconds=8))
    assert "as usual" in render_end(a_sight(replace(STATES["done"], report=took), estimate=quick)).text


def _report(run: Run) -> TaskReport:
    assert run.report is not None
    return run.report


def test_end_of_a_run_with_no_approver_tells_each_person_once() -> None:
    alone = replace(STATES["done"], approvers=(), followers=(ANA, EVA, EVA))
    assert render_end(a_sight(alone)).text.count("<@") == 2


def test_handles_stay_opaque_ids() -> None:
    odd = a_run(handle=ButtonId("x" * 5000), task_id=TaskId("t"), place=a_run().place)
    assert odd.place.channel_id == DEPLOYS
    assert len(render_card(a_sight(odd)).blocks[-1]["elements"][0]["value"]) == 2000


def test_cancelled_is_never_called_failed() -> None:
    from bot.core.tasks import TaskStatus

    cancelled = an_ended_run(RunState.CANCELLED, TaskStatus.CANCELLED)
    for shown in (render_card, render_progress, render_end):
        assert "fail" not in words(shown(a_sight(cancelled)))
