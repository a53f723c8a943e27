"""What the bot answers one person privately: one function for each answer. Mentions in these notify nobody."""

from bot.views.answers.following import (
    render_already_asked,
    render_busy,
    render_ended_meanwhile,
    render_following,
    render_nothing_to_follow,
)
from bot.views.answers.not_allowed import render_denied
from bot.views.answers.reading import (
    render_hosting_unwell,
    render_log,
    render_log_unavailable,
    render_no_log,
    render_no_such_run,
)
from bot.views.answers.trouble import (
    FORGOTTEN_REQUEST,
    HISTORY_TROUBLE,
    RESTARTING,
    UNKNOWN_PERSON,
    render_broken,
    render_card_refused,
    render_foreign_button,
    render_form_not_opened,
    render_heard,
    render_history_trouble,
    render_late_approval,
    render_late_ask,
    render_not_counted,
    render_restarting,
    render_stale_button,
    render_unknown_person,
)
from bot.views.answers.unclear import render_misunderstood
from bot.views.runs import render_run

__all__ = [
    "FORGOTTEN_REQUEST",
    "HISTORY_TROUBLE",
    "RESTARTING",
    "UNKNOWN_PERSON",
    "render_already_asked",
    "render_broken",
    "render_busy",
    "render_card_refused",
    "render_denied",
    "render_ended_meanwhile",
    "render_following",
    "render_foreign_button",
    "render_form_not_opened",
    "render_heard",
    "render_history_trouble",
    "render_hosting_unwell",
    "render_late_approval",
    "render_late_ask",
    "render_log",
    "render_log_unavailable",
    "render_misunderstood",
    "render_no_log",
    "render_no_such_run",
    "render_not_counted",
    "render_nothing_to_follow",
    "render_restarting",
    "render_run",
    "render_stale_button",
    "render_unknown_person",
]
