"""What an approver wants to know first: what holds the environment, how it went the last time, what will be noticed, and
what could be brought back."""

from datetime import datetime, timedelta

from bot.core.estimates import Estimate
from bot.core.pre_flight import OpenTask, PreFlight
from bot.core.runs import Run, RunState
from bot.core.sight import Sight
from bot.views import signs
from bot.views.marked import LONG_DATE, Marked, code, date, dotted, joined, message_link, say
from bot.views.phrases import phrase, say_noticed
from bot.views.pleas import say_whose_wish
from bot.views.spans import say_about, say_ago, say_at_most, say_span

_LATELY = timedelta(hours=12)
"""What began longer ago than this is told with its day."""

_HOW_IT_ENDED = {
    RunState.DONE: "fine",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "cancelled",
    RunState.LOST: "outcome unknown",
}


def say_asked(sight: Sight) -> Marked:
    """Who asks, how it went the last time, and how long it will take if it goes as it does."""
    asked = say("Asked by {}", say_whose_wish(sight.run))
    return dotted(asked, say_last(sight), _say_usual(sight.estimate))


def say_last(sight: Sight) -> Marked:
    """`last deploy 2 days ago, took 4 min, fine`."""
    noun, last = phrase(sight.run.change).noun, sight.last
    if last is None or last.ended_at is None:
        return say("no earlier {} that I know of", noun)
    ago = say("last {} {}", noun, say_ago(last.ended_at, now=sight.now))
    took = say("took {}", say_span(last.took)) if last.took else None
    return joined([ago, took, Marked(_HOW_IT_ENDED.get(last.state, last.state.value))], ", ")


def _say_usual(estimate: Estimate | None) -> Marked | None:
    """`usually about 4 min, seldom over 6 min`: half of the earlier ones were quicker, nine of ten were."""
    if estimate is None:
        return None
    usual, most = say_about(estimate.usual), say_at_most(estimate.slow)
    seldom = say("seldom over {}", most) if usual != f"about {most}" else None
    return joined([say("usually {}", usual), seldom], ", ")


def say_prospect(run: Run) -> Marked:
    """What people will notice, the newest backup, and as of when all this was so: a card may wait for long."""
    seen = _pre_flight_of(run)
    as_of = say("as of {}", date(seen.seen_at)) if seen else None
    return dotted(say_noticed(run.change), _say_backup(run, seen), as_of)


def _say_backup(run: Run, seen: PreFlight | None) -> Marked | None:
    """The newest backup in small print, unless there is a warning about it."""
    if seen is None or seen.backups is None or say_backup_warning(run) is not None:
        return None
    if seen.backups.newest_at is None:
        return Marked("oec.sh shows no finished backup")
    return say("last backup {}", say_ago(seen.backups.newest_at, now=seen.seen_at))


def say_backup_warning(run: Run) -> Marked | None:
    """Where data is destroyed and the newest backup is old, or there is none: a line of its own."""
    seen = _pre_flight_of(run)
    if seen is None or not run.change.destroys_data or not seen.is_poorly_backed_up:
        return None
    newest_at = seen.backups.newest_at if seen.backups else None
    if newest_at is None:
        return say("{} oec.sh shows no finished backup of this environment.", signs.LOOK)
    ago = say_ago(newest_at, now=seen.seen_at)
    return say(
        "{} The newest backup that oec.sh shows was made {}; what came in since is not in it.",
        signs.LOOK,
        ago,
    )


def say_in_the_way(run: Run) -> Marked | None:
    """The task that holds the environment, whoever began it: as long as it does, an approval would come to nothing."""
    seen = _pre_flight_of(run)
    if seen is None or seen.open_task is None:
        return None
    task = seen.open_task
    there = joined([_say_task(task), _say_since(task, seen.seen_at)], " ")
    return say("{} {}{}. Until it ends, oec.sh takes nothing else.", signs.LOOK, there, _say_whose(task))


def _say_task(task: OpenTask) -> Marked:
    """Its kind in the platform's own word, where it gave one."""
    return code(task.type, limit=40) if task.type else Marked("Another task")


def _say_since(task: OpenTask, seen_at: datetime) -> Marked:
    if task.started_at is None:
        return Marked("waits to begin there")
    is_old = seen_at - task.started_at > _LATELY
    return say("is at work there since {}", date(task.started_at, LONG_DATE if is_old else "{time}"))


def _say_whose(task: OpenTask) -> Marked:
    if task.run_id is not None:
        number = say("#{}", task.run_id)
        return say(" ({})", message_link(task.link, number) or number)
    if task.is_of_user:
        return Marked(", asked for in the oec.sh dashboard")
    return Marked(", not asked for here")


def _pre_flight_of(run: Run) -> PreFlight | None:
    return run.environment_seen.pre_flight if run.environment_seen else None
