"""Help: what this person may do here, and how to type it. Nothing that would be refused."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.intents import (
    Deploy,
    Intent,
    QuickUpdate,
    Restart,
    ShowHelp,
    ShowHistory,
    ShowLog,
    ShowMay,
    ShowRun,
    ShowStatus,
    ShowWhy,
    Start,
    Stop,
)
from bot.core.policy import Power, covers_word
from bot.views.blocks import context, message, paragraphs, section
from bot.views.marked import Marked, code, codes, dotted, joined, say
from bot.views.message import Message
from bot.views.phrases import say_words


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One thing a person can ask: the topic it is found by, its forms as typed (`{}` is an environment), and its use.

    `power` is the rules' word that it needs; None for what only reads.
    """

    intent: type[Intent]
    topic: str
    forms: tuple[str, ...]
    says: str
    power: str | None = None


HELP_LINES: tuple[HelpLine, ...] = (
    HelpLine(
        Deploy,
        "deploy",
        ("deploy {}", "deploy {} modules=sale,stock"),
        "pulls the code, rebuilds, migrates; with modules, upgrades these too (`modules=all` for all)",
        "deploy",
    ),
    HelpLine(Restart, "restart", ("restart {}",), "restarts the containers, no new code", "restart"),
    HelpLine(Start, "start", ("start {}",), "starts a stopped environment", "start"),
    HelpLine(Stop, "stop", ("stop {}",), "takes the site offline; its data is kept", "stop"),
    HelpLine(
        QuickUpdate,
        "update",
        ("update {}",),
        "pulls the code and restarts. Quicker than a deploy",
        "pull_restart",
    ),
    HelpLine(
        QuickUpdate,
        "update",
        ("update {} sale,stock",),
        "the same, and upgrades these modules",
        "update_specific",
    ),
    HelpLine(
        QuickUpdate,
        "update",
        ("update {} all",),
        "the same, and upgrades every module: the slowest",
        "update_all",
    ),
    HelpLine(
        QuickUpdate,
        "reinit",
        ("reinit {} sale,stock",),
        "drops the data of these modules and creates it anew; always needs an approval",
        "reinit",
    ),
    HelpLine(ShowStatus, "status", ("status", "status {}"), "how environments stand"),
    HelpLine(ShowHistory, "history", ("history", "history {} 20"), "what was run, newest first"),
    HelpLine(ShowRun, "run", ("run 42",), "one run, by its number"),
    HelpLine(ShowLog, "logs", ("logs 42",), "the end of a run's log, for you alone"),
    HelpLine(
        ShowMay,
        "can",
        ("can deploy {}", "can @ana deploy {}"),
        "whether you, or somebody else, may do it here, and by which rule",
    ),
    HelpLine(ShowWhy, "why", ("why 42", "why"), "who and which rule let a run through, or refused you last"),
    HelpLine(ShowHelp, "help", ("help", "help deploy"), "this, or more about one word"),
)
"""Everything that can be asked, in the order in which it is told."""

_SAME_TOPIC = {
    "quick-update": "update",
    "quick_update": "update",
    "update_all": "update",
    "update-all": "update",
    "log": "logs",
    "may": "can",
    "redeploy": "deploy",
}

_MORE = {
    "deploy": "Modules are named 1 to 64 of a-z, 0-9 and _, at most 50 of them, with commas or blanks between.",
    "update": "The API's own words work too: {command} quick-update {name} mode=update_specific modules=sale,stock",
    "reinit": "Whoever approves types the environment's name. Only a backup brings the data back.",
    "status": "An environment is named by its alias, as project/environment, or by its id.",
    "can": "Any ask may follow, with its modules; without one it lists what may be done here. Nothing is triggered. "
    "A person has to be picked from the list that Slack shows.",
    "why": "Without a number: what you were refused here last, or your last run here.",
    "logs": "What looks like a secret is masked. Logs can still hold personal data.",
}

_POWERS_SHOWN = 40


def render_help(powers: Sequence[Power], *, topic: str | None = None, command: str = "/oec") -> Message:
    """What these powers allow here, or more about one topic of it."""
    if topic is not None:
        known = _SAME_TOPIC.get(topic.strip().lower(), topic.strip().lower())
        found = [line for line in HELP_LINES if line.topic == known]
        if found:
            return _render_topic(powers, found, command)
    return _render_all(powers, topic, command)


def _render_all(powers: Sequence[Power], topic: str | None, command: str) -> Message:
    unknown = say("There is no help on {}.", code(topic)) if topic is not None else None
    may = say_powers(powers)
    forms = [_say_line(line, powers, command) for line in HELP_LINES if _is_allowed(line, powers)]
    threads = say("In a thread, where Slack takes no commands, mention me: {}.", code("@oec status"))
    head = say("Here you may: {}", joined(may, "; ")) if powers else _MAY_ONLY_LOOK
    listed = [Marked("Here you may:"), *(say("• {}", one) for one in may)]
    return message(
        dotted(unknown, head, say("{} says how to ask", code(f"{command} help"))),
        section(unknown) if unknown else None,
        *paragraphs(listed if powers else [_MAY_ONLY_LOOK], separator="\n"),
        *paragraphs(forms, separator="\n"),
        context(threads),
    )


_MAY_ONLY_LOOK = Marked("Here you may look, but change nothing.")


def _render_topic(powers: Sequence[Power], found: Sequence[HelpLine], command: str) -> Message:
    mine = [line for line in found if _is_allowed(line, powers)]
    said = [_say_line(line, powers, command) for line in mine or found]
    denied = None if mine else Marked("You may not do this here.")
    more = _MORE.get(found[0].topic)
    told = more.format(command=command, name=_example(found[0], powers)) if more else None
    where = _say_where(mine, powers)
    return message(
        dotted(denied, *said),
        *paragraphs([denied, *said] if denied else said, separator="\n"),
        context(where, Marked(told) if told else None),
    )


def say_powers(powers: Sequence[Power]) -> list[Marked]:
    """`deploy, restart `staging`, `dev``: environments with the same words together, what needs an approval apart."""
    alike: dict[tuple[tuple[str, ...], bool], list[str]] = {}
    for power in powers:
        alike.setdefault((power.words, power.needs_approval), []).append(power.alias)
    shown = [
        say(
            "{} {}{}",
            say_words(words),
            codes(aliases, room=600),
            Marked(" – with somebody's approval" if needs_approval else ""),
        )
        for (words, needs_approval), aliases in list(alike.items())[:_POWERS_SHOWN]
    ]
    more = len(alike) - _POWERS_SHOWN
    return [*shown, *([say("… and {} more", more)] if more > 0 else [])]


def _is_allowed(line: HelpLine, powers: Sequence[Power]) -> bool:
    return line.power is None or any(covers_word(power.words, line.power) for power in powers)


def _say_line(line: HelpLine, powers: Sequence[Power], command: str) -> Marked:
    name = _example(line, powers)
    forms = [code(f"{command} {form.format(name)}", limit=120) for form in line.forms]
    return say("{} – {}", Marked(" or ".join(forms)), Marked(line.says))


def _example(line: HelpLine, powers: Sequence[Power]) -> str:
    """An environment with which this works here, else the first that is anything to this person."""
    fitting = [
        power.alias
        for power in sorted(powers, key=lambda power: power.needs_approval)
        if line.power is None or covers_word(power.words, line.power)
    ]
    return (fitting or [power.alias for power in powers] or ["staging"])[0]


def _say_where(mine: Sequence[HelpLine], powers: Sequence[Power]) -> Marked | None:
    """On which environments, with and without an approval."""
    words = {line.power for line in mine if line.power is not None}
    parts = [
        say(f"{{}}{' (with an approval)' if power.needs_approval else ''}", code(power.alias))
        for power in powers[:_POWERS_SHOWN]
        if any(covers_word(power.words, word) for word in words)
    ]
    return say("Here: {}.", Marked(", ".join(parts))) if parts else None
