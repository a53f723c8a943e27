"""What comes of the rules file is recorded: each version that comes into force, and each that is refused."""

import logging
from collections.abc import Sequence

from bot.core.entries import RulesChanged, RulesRefused
from bot.core.errors import HistoryError
from bot.core.rules import Rules
from bot.flow.operators import Operators
from bot.flow.ports import Clock, History
from bot.flow.rulebook import Rulebook
from bot.views.masking import mask_secrets
from bot.views.operators import render_rules_back, render_rules_refused, render_rules_reloaded

log = logging.getLogger(__name__)

_MISTAKES_KEPT = 30
_LONGEST_MISTAKE = 300


class RuleChanges:
    """The one way in which a version of the rules comes into force while the bot runs, or does not."""

    def __init__(self, history: History, clock: Clock, rulebook: Rulebook, operators: Operators) -> None:
        self._history = history
        self._clock = clock
        self._rulebook = rulebook
        self._operators = operators
        self._recorded: str | None = None

    async def begin(self) -> None:
        """Record the rules that the bot starts with. The operators are told where others were in force before."""
        rules = self._rulebook.current()
        before = await self._history.find_rules_digest()
        await self._try_to_record(rules)
        if before is not None and before != rules.digest:
            await self._tell(rules)

    async def take(self, rules: Rules) -> None:
        """Put new rules in force, recorded first; but rules that cannot be recorded now do not wait for that.

        Those that are in force come where a version that was refused is taken back: the operators hear that too.
        """
        if rules.digest == self._rulebook.current().digest:
            await self._operators.tell(render_rules_back(rules))
            return
        await self._try_to_record(rules)
        self._rulebook.put(rules)
        await self._tell(rules)

    async def refuse(self, name: str, digest: str, mistakes: Sequence[str]) -> None:
        """Record a version that is wrong, and tell the operators."""
        kept = tuple(mask_secrets(one)[:_LONGEST_MISTAKE] for one in mistakes[:_MISTAKES_KEPT])
        try:
            await self._history.record_entry(None, RulesRefused(name, digest, kept), self._clock.now())
        except HistoryError as error:
            log.warning("Refused rules could not be recorded: %s", error)
        await self._operators.tell(render_rules_refused(mistakes))

    async def record_once(self) -> None:
        """Record the rules in force, if that was not possible when they came."""
        if self._recorded != self._rulebook.current().digest:
            await self._try_to_record(self._rulebook.current())

    async def _try_to_record(self, rules: Rules) -> None:
        try:
            await self._record(rules)
        except HistoryError as error:
            log.warning("New rules could not be recorded yet: %s", error)

    async def _record(self, rules: Rules) -> None:
        """May be called again: a version that is in force is recorded once."""
        before = await self._history.find_rules_digest()
        if before != rules.digest:
            entry = RulesChanged(rules.name, rules.digest, before)
            await self._history.record_entry(None, entry, self._clock.now())
        self._recorded = rules.digest

    async def _tell(self, rules: Rules) -> None:
        try:
            head = await self._history.find_head()
        except HistoryError:
            head = None
        await self._operators.tell(render_rules_reloaded(rules, head=head))
