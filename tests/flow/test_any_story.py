"""Any story at all: people, platform, Slack and restarts in any order, and what must hold whatever happened."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.approvals import ApprovalState
from bot.core.errors import HostingRefusedError, HostingUnavailableError
from bot.core.policy import Person
from bot.core.runs import Run, RunState
from bot.core.tasks import TaskStatus
from bot.flow.news import CALLS
from bot.flow.ports import Slot, SlotKind
from bot.views import buttons
from bot.views.runs import render_card
from tests.flow.stage import Stage, words_of
from tests.flow.witness import Witness
from tests.support.factories import ANA, BEN, CLEO, GUS, a_press, an_ask, some_rules
from tests.support.fakes import Died, Meddler

Act = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class Step:
    """One thing that happens; shown as the call it is, so that a story that fails can be read."""

    act: Act
    values: dict[str, object]

    def __repr__(self) -> str:
        named = ", ".join(f"{name}={_name(value)}" for name, value in self.values.items())
        return f"{self.act.__name__}({named})"


def _name(value: object) -> str:
    return str(value.name) if isinstance(value, Person) else repr(value)


people = st.sampled_from([ANA, BEN, CLEO, GUS])
texts = st.sampled_from(
    [
        "deploy prod",
        "restart prod",
        "restart staging",
        "deploy staging",
        "reinit dev sale",
        "status",
        "stagin",
    ]
)
seconds = st.sampled_from([1, 3, 7, 40, 400, 500, 2_000, 90_000])
LOST = HostingUnavailableError("timeout", may_have_acted=True, code="timeout")
REFUSED = HostingRefusedError(status=409, code="environment_not_running")


async def ask(stage: Stage, who: Person, text: str) -> None:
    """Somebody asks: it becomes a run, or is answered."""
    answers, request = len(stage.chat.answers), an_ask(text, who)
    await stage.flow.desk.ask(request)
    await stage.settle()
    runs = await find_runs(stage)
    assert len(stage.chat.answers) > answers or request.key in {run.request_key for run in runs}


async def press(stage: Stage, who: Person, nth: int) -> None:
    """Somebody presses some button that is to be seen somewhere."""
    seen = [posted.now for posted in stage.chat.screen] + [message for _, message in stage.chat.answers]
    found = [
        (element["action_id"].partition(":")[0], element["value"])
        for message in seen
        for block in message.blocks
        for element in block.get("elements", [])
        if element.get("type") == "button"
    ]
    if not found:
        return
    kind, value = found[nth % len(found)]
    await stage.flow.desk.press(a_press(kind, value, who))
    await stage.settle()


async def fill_in(stage: Stage, who: Person, words: str) -> None:
    """Somebody fills in the form that was opened last, whoever it was opened for."""
    if stage.chat.modals:
        _, modal = stage.chat.modals[-1]
        values = {buttons.NAME_FIELD: words, buttons.REASON_FIELD: words, buttons.TEXT_FIELD: words}
        await stage.submit(modal.kind, modal.subject, values, who)


async def go_on(stage: Stage, span: int) -> None:
    """Time goes by, and every turn is taken."""
    stage.clock.forward(seconds=span)
    await stage.flow.tracker.look_once()
    await stage.flow.approvals.expire_once()
    await stage.flow.reminders.remind_once()
    await stage.flow.cards.redraw_stale_once()
    await stage.settle()


async def move(stage: Stage, nth: int, status: TaskStatus) -> None:
    """The platform gets on with one of its tasks."""
    tasks = [task for task in stage.hosting.tasks.values() if not task.report.status.is_terminal]
    if tasks:
        stage.hosting.moves(tasks[nth % len(tasks)].id, status, progress_percent=nth * 10)


async def fail(stage: Stage, error: Exception, *, acts: bool) -> None:
    """The next action goes wrong."""
    stage.hosting.fails_next(error, after_acting=acts)


async def unlist(stage: Stage, *, shown: bool) -> None:
    """The platform shows its newest tasks, or does not."""
    stage.hosting.listing_trouble = None if shown else LOST


async def delete(stage: Stage, nth: int) -> None:
    """Somebody deletes a message of the bot's."""
    if stage.chat.screen:
        stage.chat.screen[nth % len(stage.chat.screen)].is_deleted = True


async def change_rules(stage: Stage, digest: str) -> None:
    """The rules file is saved."""
    stage.rules = some_rules(digest)
    stage.flow.rulebook.put(stage.rules)


async def restart(stage: Stage, span: int) -> None:
    """The bot is stopped and started."""
    await stage.restart(seconds=span)


async def die(stage: Stage, at: int, who: Person, text: str) -> None:
    """The process dies while somebody asks and everything has a turn."""
    await stage.reopen(Meddler(dies_at=at))
    try:
        await stage.flow.desk.ask(an_ask(text, who))
        await go_on(stage, 2)
    except (Died, ExceptionGroup):
        assert stage.meddler.is_dead
    await stage.settle()
    await stage.restart(seconds=3)


def step(act: Act, **drawn: st.SearchStrategy[object]) -> st.SearchStrategy[Step]:
    """Any such step."""
    return st.fixed_dictionaries(drawn).map(lambda values: Step(act, values))


steps = st.one_of(
    step(ask, who=people, text=texts),
    step(press, who=people, nth=st.integers(0, 12)),
    step(press, who=st.just(BEN), nth=st.integers(0, 3)),
    step(fill_in, who=people, words=st.sampled_from(["dev", "prod", "no"])),
    step(go_on, span=seconds),
    step(move, nth=st.integers(0, 5), status=st.sampled_from(TaskStatus)),
    step(fail, error=st.just(LOST), acts=st.booleans()),
    step(fail, error=st.just(REFUSED), acts=st.just(value=False)),
    step(unlist, shown=st.booleans()),
    step(delete, nth=st.integers(0, 5)),
    step(change_rules, digest=st.sampled_from(["d1", "d2"])),
    step(restart, span=seconds),
    step(die, at=st.integers(1, 90), who=people, text=texts),
)


async def find_runs(stage: Stage) -> list[Run]:
    """Every run there ever was."""
    environments = frozenset(environment.id for environment in stage.rules.catalog.environments)
    return sorted(await stage.store.find_runs(environments, count=50), key=lambda run: run.id)


async def come_to_an_end(stage: Stage, witness: Witness) -> None:
    """All goes well from here on, for long enough."""
    stage.hosting.forgives()
    stage.hosting.listing_trouble = None
    for _ in range(6):
        for task in stage.hosting.tasks.values():
            if not task.report.status.is_terminal:
                stage.hosting.moves(task.id, TaskStatus.COMPLETED)
        await go_on(stage, 400)
        await witness.look()
    if any(run.state is RunState.WAITING for run in await find_runs(stage)):
        await go_on(stage, 50_000)


async def check(stage: Stage) -> None:
    """Nothing twice, nothing lost, nothing without leave, no lie on screen."""
    runs = await find_runs(stage)
    assert [run.id for run in runs if run.state.is_open] == []
    keys = [run.idempotency_key for run in runs if run.idempotency_key is not None]
    assert len(keys) == len(set(keys))
    assert {post.key for post in stage.hosting.posts} <= set(keys)
    run_of = {run.idempotency_key: run for run in runs}
    for task in stage.hosting.own_tasks:
        run = run_of[task.key]
        assert run.task_id == task.id or run.state is RunState.LOST
    assert list(await stage.store.find_stale_slots()) == []
    for run in runs:
        await check_leave(stage, run)
        await check_messages(stage, run)
        await check_calls(stage, run)


async def check_leave(stage: Stage, run: Run) -> None:
    """What was sent was allowed: by a rule at once, or by a vote of somebody else who may."""
    if run.idempotency_key is None:
        return
    assert (await stage.entries(run.id))[0] == "Asked"
    approval = await stage.store.find_approval(run.id)
    needs_one = run.change.word in {"deploy", "reinit"} and run.change.environment.alias != "staging"
    assert (approval is not None) == needs_one
    if approval is not None:
        assert approval.state is ApprovalState.GRANTED
        assert approval.consents == run.approvers
        if (
            run.change.word == "reinit"
        ):  # of deploys, whose rules may change, the witness has seen who granted them
            assert set(run.approvers) <= TEAM - {run.requester}


TEAM = frozenset({ANA.user_id, BEN.user_id, CLEO.user_id})


async def check_messages(stage: Stage, run: Run) -> None:
    """The card shows the run as it is, and its end was told; unless it was deleted twice, and given up."""
    card, end = [await stage.store.find_slot(Slot(run.id, kind)) for kind in (SlotKind.CARD, SlotKind.END)]
    assert card is not None
    assert card.ref is not None
    assert end is not None
    assert end.ref is not None
    if not card.is_dead:
        sight = replace(await stage.flow.cards.see(run), blocker=None)
        assert words_of(stage.chat.find(card.ref).now) == words_of(render_card(sight))


async def check_calls(stage: Stage, run: Run) -> None:
    """People were called once at most for each asking, and what called them asks no more."""
    slots = {slot for slot in (posted.slot for posted in stage.chat.screen) if isinstance(slot, Slot)}
    calls = [
        call for slot in slots if slot.run_id == run.id and slot.kind in CALLS for call in stage.chat.of(slot)
    ]
    assert len({call.slot for call in calls}) == len(calls)
    for call in calls:
        words = words_of(call.now)
        assert call.is_deleted or ("still waits" not in words and "may decide it too" not in words)


async def play(story: list[Step], begin: Act | None = None) -> None:
    """Play a story to its end. Whatever happens, it holds after each step what a witness sees to."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage.build(Path(folder) / "oec-bot.db")
        witness = Witness(stage)
        try:
            for told in (*([Step(begin, {})] if begin else []), *story):
                await told.act(stage, **told.values)
                await witness.look()
            await come_to_an_end(stage, witness)
            await witness.look()
            await check(stage)
        finally:
            await stage.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, min_size=3, max_size=14))
def test_any_story_ends_well(story: list[Step]) -> None:
    asyncio.run(play(story))
