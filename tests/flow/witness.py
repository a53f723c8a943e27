"""Looks on while a story of the flow goes on: what must hold after each step, whatever it was."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.approvals import Approval, ApprovalState
from bot.core.names import MessageTs, RunId, UserId
from bot.core.runs import Run, RunState
from bot.flow.news import CALLS
from bot.flow.ports import Slot, SlotKind
from bot.views.runs import render_card
from tests.flow.stage import Stage, words_of
from tests.support.factories import DORA, GUS, LEADS, RELEASE
from tests.support.fakes import Posted

NEVER = frozenset({GUS.user_id, DORA.user_id})
"""Whom no rule lets approve here: a guest, and somebody who has left, though both are in the group."""


@dataclass(slots=True)
class Witness:
    """Remembers how approvals were decided and which calls were made. It judges by the world, never by the bot's code."""

    stage: Stage
    decided: dict[RunId, Approval] = field(default_factory=dict)
    called: set[MessageTs] = field(default_factory=set)

    async def look(self) -> None:
        """See that everything holds now."""
        environments = frozenset(environment.id for environment in self.stage.rules.catalog.environments)
        for run in await self.stage.store.find_runs(environments, count=50):
            approval = await self.stage.store.find_approval(run.id)
            if approval is not None:
                self._see_decision(run, approval)
            await self._see_card(run)
        await self._see_posts()
        self._see_calls()

    def _see_decision(self, run: Run, approval: Approval) -> None:
        """What is decided stays so, and was granted by people who may; each vote counts once."""
        assert len(approval.consents) == len(set(approval.consents)), "nobody's vote counts twice"
        if approval.state is ApprovalState.WAITING:
            assert run.id not in self.decided, "what is decided waits no more"
            assert run.state in {RunState.WAITING, RunState.DROPPED, RunState.LOST}
            return
        before = self.decided.setdefault(run.id, approval)
        assert before == approval, "what is decided moves no more"
        if before is approval and approval.state is ApprovalState.GRANTED:
            self._see_grant(run, approval)

    def _see_grant(self, run: Run, approval: Approval) -> None:
        """It was granted in this step, by as many as the rules of this moment want, all of whom may by these."""
        rules = [one for one in self.stage.rules.approvals if run.change.word in one.words]
        if not rules or run.change.environment.id not in rules[0].environments:
            return
        [rule] = rules
        groups = self.stage.chat.groups
        may = groups[RELEASE] | (groups[LEADS] if approval.escalated_at is not None else frozenset[UserId]())
        own = frozenset[UserId]() if rule.requester_may_approve else frozenset({run.requester})
        assert set(approval.consents) <= may - NEVER - own, "only who may has approved"
        assert len(approval.consents) >= rule.count, "as many as have to have approved"
        assert run.approvers == approval.consents

    async def _see_posts(self) -> None:
        """What was asked of the platform was allowed by then; each run asks for one task at most."""
        keys = [task.key for task in self.stage.hosting.own_tasks]
        assert len(keys) == len(set(keys)), "no run has two tasks"
        for key in {post.key for post in self.stage.hosting.posts}:
            environments = frozenset(environment.id for environment in self.stage.rules.catalog.environments)
            runs = await self.stage.store.find_runs(environments, count=50)
            [run] = [run for run in runs if run.idempotency_key == key]
            approval = await self.stage.store.find_approval(run.id)
            assert approval is None or approval.state is ApprovalState.GRANTED, (
                "nothing is sent without leave"
            )

    async def _see_card(self, run: Run) -> None:
        """The card says of the approval what the database says, unless it cannot be shown."""
        record = await self.stage.store.find_slot(Slot(run.id, SlotKind.CARD))
        if record is None or record.ref is None or record.is_dead or record.shown_version < run.version:
            return
        posted, sight = self.stage.chat.find(record.ref), await self.stage.flow.cards.see(run)
        if posted.is_deleted or run.state not in {RunState.WAITING, *_UNSENT}:
            return
        shown = words_of(render_card(replace(sight, blocker=None)))
        claim = r"\n.* is looking since .*"  # how long that is believed is for the next turn to see
        assert re.sub(claim, "", words_of(posted.now)) == re.sub(claim, "", shown)

    def _see_calls(self) -> None:
        """Each call is made once, by a message that mentions whom it is to, and to nobody for whom it is night."""
        for posted in self.stage.chat.screen:
            if (
                isinstance(posted.slot, Slot)
                and posted.slot.kind in CALLS
                and posted.ref.ts not in self.called
            ):
                self.called.add(posted.ref.ts)
                assert [one.ref for one in self.stage.chat.of(posted.slot)] == [posted.ref], "made once"
                self._see_who_is_called(posted)

    def _see_who_is_called(self, posted: Posted) -> None:
        first = words_of(posted.states[0])
        if "Decided" in first or "Over" in first:
            return
        now = self.stage.clock.now()
        for user in {UserId(one) for one in re.findall(r"<@(\w+)>", first)}:
            zone = self.stage.chat.people[user].time_zone
            assert zone is None or not _is_night(now, zone), f"{user} sleeps"


_UNSENT = (RunState.DECLINED, RunState.WITHDRAWN, RunState.EXPIRED, RunState.DROPPED)


def _is_night(now: datetime, zone: str) -> bool:
    return not 7 <= now.astimezone(ZoneInfo(zone)).hour < 21
