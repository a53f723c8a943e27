"""An action in words: before, during and after, and what people notice of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.intents import Change
from bot.core.names import UpdateMode
from bot.core.runs import Run
from bot.views.marked import Marked, code, codes, joined, plain, say

_WORDS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Phrase:
    """An action on an environment in words. Each ends in nothing, so that a sentence can go on.

    `ask` "Deploy `prod`", `doing` "Deploying `prod`", `done` "`prod` is deployed", `noun` "deploy".
    """

    ask: Marked
    doing: Marked
    done: Marked
    noun: Marked


_WORDS = {
    "deploy": ("Deploy {}", "Deploying {}", "{} is deployed", "deploy"),
    "restart": ("Restart {}", "Restarting {}", "{} is restarted", "restart"),
    "start": ("Start {}", "Starting {}", "{} is started", "start"),
    "stop": ("Stop {}", "Stopping {}", "{} is stopped", "stop"),
    "update": ("Update {}", "Updating {}", "{} is updated", "update"),
    "update_all": (
        "Update all modules of {}",
        "Updating all modules of {}",
        "{} has all its modules updated",
        "update of all modules",
    ),
    "reinit": (
        "Reinitialize modules of {}",
        "Reinitializing modules of {}",
        "{} has its modules reinitialized",
        "reinit",
    ),
}

_MODES = {
    "pull_restart": "update without modules",
    "update_specific": "update of some modules",
    "update_all": "update of all modules",
}

_BRIEFLY = "the site is briefly unavailable"

_NOTICED = {
    "deploy": f"Pulls the latest code, updates the containers, runs database migrations; {_BRIEFLY}",
    "restart": f"Restarts the containers without redeploying code; {_BRIEFLY}",
    "start": "The site comes online",
    "stop": "Stops the containers; the site is offline until it is started, its data is preserved",
    "update": f"Pulls the latest code and restarts the containers; {_BRIEFLY}",
    "update of modules": f"Pulls the latest code and updates just these modules; {_BRIEFLY}",
    "update_all": "Pulls the latest code and updates every installed module, the slowest way; "
    "the site is unavailable for a while",
    "reinit": f"Pulls the latest code and installs these modules again; {_BRIEFLY}",
}


def phrase(change: Change) -> Phrase:
    """A change in words."""
    ask, doing, done, noun = _WORDS[change.word]
    name = code(change.environment.alias)
    return Phrase(say(ask, name), say(doing, name), say(done, name), Marked(noun))


def phrase_run(run: Run) -> Phrase:
    """A run in words; of one that was started elsewhere, the platform's own word for it is all we know."""
    if not run.adopted or run.report is None:
        return phrase(run.change)
    name, kind = code(run.change.environment.alias), code(run.report.type, limit=40)
    what = say("{} of {}, started elsewhere", kind, name)
    return Phrase(what, what, say("{} of {}, started elsewhere, is done", kind, name), kind)


def say_noticed(change: Change) -> Marked:
    """What is done there, and what the people who use the site notice of it.

    What is done: oec.sh, Deploy Actions, the sentence under each action and the table of modes. It calls `update_all` the
    slowest, and says that a stop preserves the data. Of interruptions it says nothing: that a deploy has one is told by
    oec.sh's own client, and a restart of containers has one by its nature.
    """
    has_modules = change.mode is UpdateMode.UPDATE_SPECIFIC
    return Marked(_NOTICED["update of modules" if has_modules else change.word])


def say_modules(change: Change, *, room: int = 1500) -> Marked | None:
    """The modules a change names, if it names any."""
    if not change.modules:
        return None
    if change.modules == ("all",):
        return Marked("Modules: all of them")
    return say("Modules: {}", codes(change.modules, room=room))


def say_words(words: Sequence[str]) -> Marked:
    """The rules' words as people say them: `deploy, update of all modules`."""
    return joined([plain(_MODES.get(word, word), limit=40) for word in words[:_WORDS_SHOWN]], ", ")


def say_command(text: str) -> Marked:
    """What to type: `/oec deploy prod`."""
    return code(f"/oec {text}", limit=200)
