"""How environments stand: the state oec.sh tells, the last run, the open one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.catalog import Environment
from bot.core.runs import Run
from bot.core.sight import Sight
from bot.core.tasks import EnvironmentReport
from bot.views import buttons
from bot.views.blocks import actions, button, message, paragraphs
from bot.views.environments import say_headline, say_status
from bot.views.history import say_run, say_state
from bot.views.marked import Marked, codes, dotted, joined, lines, plain, say
from bot.views.message import Block, Message
from bot.views.phrases import say_command
from bot.views.runs.headline import headline
from bot.views.spans import count


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One environment as it stands; `report` is None where oec.sh did not tell."""

    environment: Environment
    report: EnvironmentReport | None
    last: Run | None
    open: Run | None


def render_status(rows: Sequence[StatusRow], *, now: datetime) -> Message:
    """The environments a channel may see, or one of them."""
    if not rows:
        said = say("This channel may see no environment. {} says what you may do.", say_command("help"))
        return message(said)
    return message(
        _summary(rows), *paragraphs(say_row(row, now=now) for row in rows), actions(*_offers(rows))
    )


def say_row(row: StatusRow, *, now: datetime) -> Marked:
    """One environment in a few lines."""
    under_way = headline(Sight(row.open, now)).as_line() if row.open else None
    none = "No earlier run that I know of" if row.open else "No run that I know of"
    last = say("Last: {}", say_run(row.last)) if row.last else Marked(none)
    return lines(say_headline(row.environment, row.report), say_status(row.report), under_way, last)


def _summary(rows: Sequence[StatusRow]) -> Marked:
    if len(rows) == 1:
        row = rows[0]
        told = joined([plain(row.environment.alias), say_status(row.report)], " ")
        return dotted(told, say_state(row.open) if row.open else None)
    states = [(row.report.status if row.report else None) or "unknown" for row in rows]
    told = joined([say("{} {}", states.count(one), one) for one in dict.fromkeys(states)], ", ")
    busy = codes([row.environment.alias for row in rows if row.open], room=200)
    return dotted(
        say("{}: {}", count(len(rows), "environment"), told),
        say("open runs on {}", busy) if busy else None,
    )


def _offers(rows: Sequence[StatusRow]) -> list[Block]:
    """To follow the open run, where one environment was asked for."""
    run = rows[0].open if len(rows) == 1 else None
    return [button(buttons.FOLLOW, run.handle, "Follow it")] if run else []
