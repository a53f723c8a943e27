"""What a person can ask for: one frozen value per thing; `Intent` is their union.

`grammar.parse` makes them from text, `policy.decide` rules on them, `flow` carries them out.
"""

from dataclasses import dataclass, replace

from bot.core.catalog import Catalog, Environment
from bot.core.names import Action, RunId, UpdateMode, UserId

ALL_MODULES = "all"
"""What a deploy names instead of modules, to have every installed one updated."""


@dataclass(frozen=True, slots=True)
class Deploy:
    """Pull the code, rebuild, migrate. `modules` are upgraded besides (the API's `update_modules`; `all` allowed)."""

    environment: Environment
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Restart:
    """Restart the containers; no new code."""

    environment: Environment


@dataclass(frozen=True, slots=True)
class Start:
    """Start a stopped environment."""

    environment: Environment


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop a running environment; data is kept, the site is offline."""

    environment: Environment


@dataclass(frozen=True, slots=True)
class QuickUpdate:
    """Pull into a running environment and update modules by `mode`; `reinitialize_specific` destroys data."""

    environment: Environment
    mode: UpdateMode
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """The environments this channel may see, or one of them."""

    environment: Environment | None = None


@dataclass(frozen=True, slots=True)
class ShowHistory:
    """The newest runs, of one environment or of all that this channel may see."""

    environment: Environment | None = None
    count: int = 10


@dataclass(frozen=True, slots=True)
class ShowRun:
    """One run by its number."""

    run_id: RunId


@dataclass(frozen=True, slots=True)
class ShowLog:
    """The tail of one run's task log, to the asker only."""

    run_id: RunId


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """What this person may do here; `topic` is one of the words people type."""

    topic: str | None = None


ActionIntent = Deploy | Restart | Start | Stop | QuickUpdate


@dataclass(frozen=True, slots=True)
class ShowMay:
    """Whether somebody may do or read this here, and by which rule; without `asks`, all that they may do here.

    `who` is None for whoever asks.
    """

    who: UserId | None = None
    asks: ActionIntent | ShowStatus | ShowHistory | ShowRun | ShowLog | None = None


@dataclass(frozen=True, slots=True)
class ShowWhy:
    """How one run came to be allowed, or not; without a number, whatever became of the asker's last ask here."""

    run_id: RunId | None = None


ReadingIntent = ShowStatus | ShowHistory | ShowRun | ShowLog | ShowMay | ShowWhy | ShowHelp
Intent = ActionIntent | ReadingIntent


@dataclass(frozen=True, slots=True)
class Change:
    """An action intent as plain facts: what a run records and the platform is asked for."""

    action: Action
    environment: Environment
    mode: UpdateMode | None = None
    modules: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What the rules call it. A deploy that updates all modules is both: what keeps from either keeps from it."""
        match self.mode:
            case None if ALL_MODULES in self.modules:
                return (self.action.value, "update_all")
            case None:
                return (self.action.value,)
            case UpdateMode.REINITIALIZE_SPECIFIC:
                return ("reinit",)
            case _:
                return (self.mode.value,)

    @property
    def word(self) -> str:
        """The word people use: deploy, restart, start, stop, update, update_all or reinit."""
        match self.mode:
            case None | UpdateMode.PULL_RESTART | UpdateMode.UPDATE_SPECIFIC:
                return self.action.value
            case UpdateMode.UPDATE_ALL:
                return "update_all"
            case UpdateMode.REINITIALIZE_SPECIFIC:
                return "reinit"

    @property
    def destroys_data(self) -> bool:
        """Whether the action drops and recreates module data (oec.sh, quick-update modes)."""
        return self.mode is UpdateMode.REINITIALIZE_SPECIFIC


def as_change(intent: ActionIntent) -> Change:
    """The plain facts of an action intent."""
    match intent:
        case Deploy(environment, modules):
            return Change(Action.DEPLOY, environment, modules=modules)
        case Restart(environment):
            return Change(Action.RESTART, environment)
        case Start(environment):
            return Change(Action.START, environment)
        case Stop(environment):
            return Change(Action.STOP, environment)
        case QuickUpdate(environment, mode, modules):
            return Change(Action.UPDATE, environment, mode, modules)


def as_intent(change: Change) -> ActionIntent:
    """The action intent behind the plain facts: `as_change` read backwards."""
    environment = change.environment
    match change.action:
        case Action.DEPLOY:
            return Deploy(environment, change.modules)
        case Action.RESTART:
            return Restart(environment)
        case Action.START:
            return Start(environment)
        case Action.STOP:
            return Stop(environment)
        case Action.UPDATE:
            return QuickUpdate(environment, change.mode or UpdateMode.PULL_RESTART, change.modules)


def named_anew(change: Change, catalog: Catalog) -> Change:
    """The same change to the same environment, under the names and the protection that this has now.

    What is no longer in the catalog keeps its old ones: no rule allows anything there. What oec.sh calls it stays known.
    """
    was = change.environment
    now = catalog.by_id().get(was.id, was)
    named = replace(
        now, project=now.project or was.project, platform_name=now.platform_name or was.platform_name
    )
    return replace(change, environment=named)


def typed_form(change: Change) -> str:
    """The text that asks for this change again: `deploy prod modules=sale,stock`, `reinit dev sale`."""
    name, listed = change.environment.alias, ",".join(change.modules)
    match change.mode:
        case None:
            return f"{change.action.value} {name}" + (f" modules={listed}" if listed else "")
        case UpdateMode.PULL_RESTART:
            return f"update {name}"
        case UpdateMode.UPDATE_ALL:
            return f"update {name} all"
        case UpdateMode.UPDATE_SPECIFIC:
            return f"update {name} {listed}"
        case UpdateMode.REINITIALIZE_SPECIFIC:
            return f"reinit {name} {listed}"
