"""What a person can do next about a run: buttons computed from its state, never fixed."""

from bot.core.runs import Run, RunState, may_be_given_up
from bot.core.sight import Sight
from bot.views import buttons
from bot.views.blocks import button
from bot.views.marked import Marked, code, date, mention, say
from bot.views.message import Block
from bot.views.outlook import began_at, is_silent_or_stuck
from bot.views.phrases import phrase

_RETRIABLE = frozenset(
    {
        RunState.FAILED,
        RunState.REFUSED,
        RunState.EXPIRED,
        RunState.DROPPED,
        RunState.CANCELLED,
        RunState.LOST,
    }
)
"""Not after a decline, which was an answer. After an unknown outcome the words say to look first."""


def offer_next(sight: Sight) -> tuple[Block, ...]:
    """The buttons under an ended run; under an open one, the way out where it leads nowhere."""
    run = sight.run
    if may_be_given_up(run) and is_silent_or_stuck(sight):
        return _offer_way_out(run)
    if run.state not in _RETRIABLE:
        return ()
    offered = [offer_follow(sight)] if is_blocked(run) else []
    if run.state is RunState.FAILED and run.task_id is not None:
        offered.append(button(buttons.LOG, run.handle, "Show log"))
    if not run.adopted:
        offered.append(button(buttons.RETRY, run.handle, "Retry"))
    return tuple(one for one in offered if one is not None)


def _offer_way_out(run: Run) -> tuple[Block, ...]:
    if run.task_id is None:
        return (button(buttons.GIVE_UP, run.handle, "Give up"),)
    show_log = button(buttons.LOG, run.handle, "Show log")
    return (show_log, button(buttons.GIVE_UP, run.handle, "Stop following"))


def is_blocked(run: Run) -> bool:
    """Whether the platform refused it because of another task."""
    return run.refusal is not None and run.refusal.code == "task_in_progress"


def offer_follow(sight: Sight) -> Block | None:
    """To follow what stands in the way: a run of ours, else the platform's task, if it named one.

    A task whose run was given up, or lost sight of, is followed like one that was started elsewhere.
    """
    if sight.blocker is not None and sight.blocker.state.is_open:
        return button(buttons.FOLLOW, sight.blocker.handle, "Follow it")
    if sight.run.refusal is None or sight.run.refusal.task_id is None:
        return None
    return button(buttons.FOLLOW_TASK, sight.run.handle, "Follow it")


def say_blocker(sight: Sight) -> Marked | None:
    """What stands in the way, and since when; its people need not be called for that."""
    if not is_blocked(sight.run):
        return None
    if sight.blocker is None:
        return Marked(
            "What is running was not started here: perhaps in the dashboard, by an automation, or as a backup."
        )
    blocker = sight.blocker
    noun = phrase(blocker.change).noun
    return say("In the way: the {} #{}, begun at {}.", noun, blocker.id, date(began_at(blocker)))


def say_whose(run: Run) -> Marked:
    """`@other's restart (#41)`."""
    if run.adopted:
        kind = code(run.report.type, limit=40) if run.report else phrase(run.change).noun
        return say("{} started elsewhere (#{})", kind, run.id)
    return say("{}'s {} (#{})", mention(run.requester), phrase(run.change).noun, run.id)
