"""What a run looks like: its card, its progress message, its end, and itself shown to one person who asks for it."""

from bot.views.runs.card import render_card
from bot.views.runs.end import render_end
from bot.views.runs.progress import render_progress
from bot.views.runs.whole import render_run

__all__ = ["render_card", "render_end", "render_progress", "render_run"]
