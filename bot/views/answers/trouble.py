"""Answers when something is wrong: with us, with Slack, with the channel, or with a button that is too old."""

from collections.abc import Sequence
from datetime import timedelta

from bot.core.intents import typed_form
from bot.core.names import ButtonId
from bot.core.runs import Run
from bot.views import buttons, signs
from bot.views.blocks import actions, button, message, section
from bot.views.marked import Marked, code, lines, say
from bot.views.message import Message
from bot.views.phrases import say_command
from bot.views.refusals import explain_drop
from bot.views.spans import say_span

FORGOTTEN_REQUEST = "I no longer know this request. Nothing was triggered. Close this and ask again."
UNKNOWN_PERSON = (
    "Slack does not tell me who you are just now. Nothing was triggered. Send it again in a minute."
)
HISTORY_TROUBLE = (
    "I cannot write my history just now, and without it I trigger nothing new. "
    "The operators are told. Try again in a few minutes."
)
RESTARTING = "I am restarting. Nothing was triggered. Ask again in a moment."
"""Beside a field of a modal, where Slack shows plain text."""

_NOTHING = Marked("Nothing was triggered.")


def render_stale_button() -> Message:
    """A button whose meaning is gone."""
    said = Marked("This button no longer does anything: what it was for is not known to me any more.")
    now = say(
        "This press did nothing. {} shows how things stand, {} what has been.",
        say_command("status"),
        say_command("history"),
    )
    return message(said, section(lines(said, now)))


def render_history_trouble() -> Message:
    """The database cannot be written or read: what cannot be remembered is not begun."""
    said = say("{} {}", signs.LOOK, HISTORY_TROUBLE)
    after = Marked("What stands on a card already goes on when I can write again.")
    return message(said, section(lines(said, after)))


def render_foreign_button() -> Message:
    """A button of a run that is not in the history: runs are never forgotten, so it is another history's.

    What that run has triggered nobody here knows, so only of the press can it be said that it did nothing.
    """
    said = Marked(
        "I do not know this button: it belongs to another installation of mine, or to an older history."
    )
    now = say(
        "This press did nothing. {} shows how things stand; look before you ask again here.",
        say_command("status"),
    )
    return message(said, section(lines(said, now)))


def render_broken(reference: str) -> Message:
    """Something of ours broke. The card stands before oec.sh is asked, so without a card nothing was triggered."""
    said = say("{} That went wrong on my side. Reference {}.", signs.LOOK, code(reference))
    unseen = Marked(
        "If no card has appeared, nothing was triggered. The operators find the reference in the log."
    )
    return message(said, section(lines(said, unseen)))


def render_form_not_opened(kind: str, button_id: str) -> Message:
    """A form that Slack did not open: it has to come within three seconds of the press, and a fresh press has fresh ones.

    `kind` and `button_id` are of a button that opens the same form.
    """
    said = say(
        "{} The form did not open: Slack waits three seconds for it, and it came too late.", signs.LOOK
    )
    again = button(kind, button_id, "Open again")
    return message(said, section(lines(said, _NOTHING)), actions(again))


def render_heard(run: Run) -> Message:
    """The ask has arrived, but Slack takes its time to show the card."""
    said = say("{} Heard: {}, #{}.", signs.WAITING, code(typed_form(run.change)), run.id)
    slow = Marked("Slack is slow to show its card; nothing is triggered before it stands.")
    return message(said, section(lines(said, slow)))


def render_not_counted(sentences: Sequence[str]) -> Message:
    """What was wrong with a submitted modal that had to be closed before that was known."""
    said = say("{} What you sent did not count: {}", signs.LOOK, " ".join(sentences))
    return message(said, section(lines(said, _NOTHING)))


def render_card_refused(error: str) -> Message:
    """Slack would not show the card; what nobody can see is not done. `error` is Slack's."""
    explanation = explain_drop(error)
    said = say("{} I cannot show here what is going on: {}.", signs.LOOK, explanation.why)
    return message(said, section(lines(said, say("Nothing was triggered. {}", explanation.next))))


def render_unknown_person() -> Message:
    """Slack does not say who asks, so nothing can be decided."""
    said = Marked("Slack does not tell me who you are just now, so I cannot tell what you may do.")
    return message(said, section(lines(said, Marked("Nothing was triggered. Ask again in a minute."))))


def render_late_ask(text: str, *, ask: ButtonId, age: timedelta) -> Message:
    """An ask that Slack delivered late: done only if it is still wanted."""
    said = say("{} Your {} reached me {} late.", signs.LOOK, code(f"/oec {text}", limit=150), say_span(age))
    again = button(buttons.ASK_NOW, ask, "Do it now", nth=0)
    return message(said, section(lines(said, say("{} Still want it?", _NOTHING))), actions(again))


def render_late_approval(run: Run, *, terms: str, age: timedelta) -> Message:
    """An approval that Slack delivered late: counted only if it is still meant."""
    what = code(typed_form(run.change))
    said = say("{} Your approval of {}, #{}, reached me {} late.", signs.LOOK, what, run.id, say_span(age))
    again = button(buttons.APPROVE_NOW, buttons.with_terms(run.handle, terms), "Approve now")
    return message(said, section(lines(said, say("{} Still want it?", _NOTHING))), actions(again))


def render_restarting() -> Message:
    """The bot is being stopped, and takes on nothing new."""
    return message(Marked(RESTARTING), section(Marked(RESTARTING)))
