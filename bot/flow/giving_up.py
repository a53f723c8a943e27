"""Let people end what leads nowhere: an ask that oec.sh leaves without an answer, or a task that does not move.

It may have been triggered all the same, or go on at oec.sh, so it is asked back first, and ends as unknown.
"""

import logging

from bot.core.intents import ShowRun, as_intent, named_anew
from bot.core.policy import Denied, advise, decide
from bot.core.request import Actor, ReplyTo
from bot.core.runs import Run, may_be_given_up
from bot.flow.conversation import Asker, Conversation
from bot.flow.ports import Chat
from bot.flow.rulebook import Rulebook
from bot.flow.runs import Runs
from bot.views import answers
from bot.views.giving_up import give_up_modal, render_not_given_up
from bot.views.message import Message, Modal

log = logging.getLogger(__name__)


class GivingUp:
    """Asks back, and ends the run for whoever may."""

    def __init__(self, chat: Chat, rulebook: Rulebook, conversation: Conversation, runs: Runs) -> None:
        self._chat = chat
        self._rulebook = rulebook
        self._conversation = conversation
        self._runs = runs

    def ask_back(self, run: Run, asker: Asker) -> Modal | Message:
        """The question whether this is meant; or why it cannot be done."""
        return self._find_refusal(run, asker) or give_up_modal(run)

    async def end(self, run: Run, actor: Actor, reply_to: ReplyTo) -> None:
        """End the run, if it still leads nowhere and this person may, by the rules of this moment."""
        asker = await self._conversation.find_asker(actor, reply_to)
        if asker is None:
            return
        refusal = self._find_refusal(run, asker)
        if refusal is None:
            ended = await self._runs.give_up(run.id, actor.user_id)
            if ended.given_up_by == actor.user_id:
                log.warning("Run %s was given up by %s", run.id, actor.user_id)
                return
            refusal = render_not_given_up(ended)
        await self._chat.answer(reply_to, refusal)

    def _find_refusal(self, run: Run, asker: Asker) -> Message | None:
        """Whoever asked for it may, while they may see it; and whoever may do the same in the channel of its card."""
        rules, channel = self._rulebook.current(), run.place.channel_id
        is_own = asker.person.user_id == run.requester
        change = named_anew(run.change, rules.catalog)
        intent = ShowRun(run.id) if is_own else as_intent(change)
        decision = decide(intent, asker.person, channel, rules, asker.membership)
        if isinstance(decision, Denied):
            advice = advise(None if is_own else change, asker.person, channel, rules, asker.membership)
            return answers.render_denied(
                decision, what=f"give up #{run.id}", channel_id=channel, advice=advice, file=rules.name
            )
        return None if may_be_given_up(run) else render_not_given_up(run)
