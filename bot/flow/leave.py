"""Whether what was allowed may still be done: the rules may have changed while oec.sh was out of reach."""

import logging

from bot.core.errors import ChatError
from bot.core.policy import Denied
from bot.core.request import Actor
from bot.core.runs import Run
from bot.flow.judging import decide_anew
from bot.flow.people import People
from bot.flow.rulebook import Rulebook

log = logging.getLogger(__name__)


class Leave:
    """Judges anew, before each try to send it, whether whoever asked for a run may still ask for it."""

    def __init__(self, rulebook: Rulebook, people: People) -> None:
        self._rulebook = rulebook
        self._people = people

    async def is_lost(self, run: Run) -> bool:
        """Whether the rules of this moment let it be asked no more. It is not while Slack does not tell who is who."""
        try:
            requester = await self._people.find_person(Actor(run.requester, run.team_id))
            membership = await self._people.find_membership()
            decision = decide_anew(run, requester, self._rulebook.current(), membership)
        except ChatError as error:
            log.warning("Whether run %s may still be sent is not known: %s", run.id, error)
            return False
        return isinstance(decision, Denied)
