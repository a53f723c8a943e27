"""A hundred presses at once: one of them decides, one thing happens at most, everybody is told, and the card is true."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from pathlib import Path

import pytest

from bot.core.entries import ApprovalRenewed, Consented, Entry, Voted, VoteRefused
from bot.core.names import RunId
from bot.core.runs import Run, RunState
from tests.support.person import Person, Seen
from tests.support.record import read_entries, read_runs
from tests.support.world import DEPLOYS, OPS, World, running_world

CROWD = tuple(f"U0RACER{number}" for number in range(1, 7))
"""Six releasers besides Ana and Ben."""

PRESSES = 100

RULES = """
environments:
  prod: {id: 5a296461-9222-40da-91f5-9e912890dc1b, protected: true}
people:
  releasers: [S0RELEASE]
channels:
  C0DEPLOYS:
    - {may: [deploy], on: [prod], who: everyone}
approvals:
  - {for: [deploy], on: [prod], by: releasers, count: 1, expires: 15m}
quiet: {from: "00:00", to: "00:00"}
operators: {channel: C0OPS}
"""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world with eight releasers. What is told to each of a hundred presses, the tests count themselves."""
    async with running_world(tmp_path, rules=RULES, start=False) as world:
        for user in CROWD:
            await arrange(world, "users", id=user, name=user.lower(), tz="Europe/Berlin")
        releasers = ["U0ANA", "U0BEN", *CROWD]
        await arrange(world, "groups", id="S0RELEASE", handle="releasers", users=releasers)
        channel = world.sandbox.workspace.workspace.channels[DEPLOYS]
        await arrange(world, "channels", id=DEPLOYS, members=sorted({*channel.members, *CROWD}))
        await world.start_bot()
        yield world
        await reads_everything(world)


async def arrange(world: World, what: str, **facts: object) -> None:
    """Put somebody or something into the workspace."""
    answer = await world.side_door.post(f"/person/{what}", json=facts)
    assert answer.is_success, answer.text


def releasers(world: World) -> list[Person]:
    """Everybody who may approve."""
    return [world.ana, world.ben, *(world.person(user) for user in CROWD)]


async def asks(world: World) -> Seen:
    """Cleo asks; the card."""
    await world.cleo.says("/oec deploy prod", DEPLOYS)
    card = await world.cleo.sees("waits for approval", channel=DEPLOYS)
    await world.until_idle()
    return card


async def opens(world: World, people: Iterable[Person], card: Seen) -> None:
    """These people have the form to decline open."""
    for person in people:
        await person.presses("Decline", card)
        await person.finds_modal()


def presses(
    label: str, people: Sequence[Person], card: Seen, count: int = PRESSES
) -> list[Awaitable[object]]:
    """So many presses, by these people in turn."""
    return [people[number % len(people)].presses(label, card) for number in range(count)]


async def race(world: World, acts: Sequence[Awaitable[object]]) -> Run:
    """All at once; what has become of it when everything has come to rest. All of them were delivered.

    The card keeps its buttons until the last of them has been pressed, however long that takes.
    """
    await world.faults(method="chat.update", kind="ratelimit", times=100_000, retry_after=1)
    await asyncio.gather(*acts)
    await world.faults(kind="clear")
    await world.until_idle()
    return read_runs(world.database)[0]


def entries_of(world: World, kind: type[Entry]) -> list[Entry]:
    """What the history says of the run, of this kind."""
    found = [recorded.entry for recorded in read_entries(world.database, RunId(1))]
    return [entry for entry in found if isinstance(entry, kind)]


async def check_truth(world: World, run: Run, card: Seen) -> None:
    """One decision at most, one action if it was granted and none if not, and a card that says which."""
    votes = [entry for entry in entries_of(world, Voted) if isinstance(entry, Voted)]
    assert len(votes) <= 1
    posts = await world.hosting.posts()
    assert len(posts) == (1 if run.approvers else 0)
    seen = next(seen for seen in await world.cleo.looks_at(DEPLOYS) if seen.ts == card.ts)
    if run.state is RunState.WAITING:
        assert "Approve" in seen.buttons
    else:
        assert "Approve" not in seen.buttons
        sign = {
            RunState.RUNNING: "approved by",
            RunState.DECLINED: "declined",
            RunState.WITHDRAWN: "withdrawn",
            RunState.EXPIRED: "expired",
        }[run.state]
        assert sign in seen.words
    for approver in run.approvers:
        assert f"<@{approver}>" in seen.words


async def check_everybody_was_told(
    world: World, people: Iterable[Person], *words: str, but: Iterable[str] = ()
) -> None:
    """Each of them whose vote did not decide has read one of these."""
    for person in people:
        if person.user_id in but:
            continue
        told = [seen.words for seen in await person.looks_at(DEPLOYS) if seen.is_private]
        assert any(word in one for one in told for word in words), f"{person.user_id} was told {told}"


async def reads_everything(world: World) -> None:
    """Everybody reads what was told to them."""
    await world.until_idle()
    world.read |= {(OPS, seen.ts) for seen in await world.ben.looks_at(OPS)}
    for person in [*releasers(world), world.cleo]:
        for seen in await person.looks_at(DEPLOYS):
            world.read.add((DEPLOYS, seen.ts))
            if seen.raw.get("reply_count"):
                await person.reads_thread(seen)


async def test_hundred_approvals_at_once_are_one(world: World) -> None:
    card = await asks(world)
    run = await race(world, presses("Approve", releasers(world), card))
    assert run.state is RunState.RUNNING
    assert len(run.approvers) == 1
    await check_truth(world, run, card)
    await check_everybody_was_told(world, releasers(world), "already approved, by", but=run.approvers)
    assert len(entries_of(world, VoteRefused)) == PRESSES - 1


async def test_approvals_against_declines_end_in_one_of_the_two(world: World) -> None:
    card = await asks(world)
    yes, no = releasers(world)[:4], releasers(world)[4:]
    await opens(world, no, card)
    declines: list[Awaitable[object]] = [person.submits("not today") for person in no]
    approvals = presses("Approve", yes, card, PRESSES - len(no))
    run = await race(world, [*approvals[:5], *declines, *approvals[5:]])
    assert run.state in {RunState.RUNNING, RunState.DECLINED}
    await check_truth(world, run, card)
    deciders = [vote.by for vote in entries_of(world, Voted) if isinstance(vote, Voted)]
    await check_everybody_was_told(world, yes, "already approved", "already declined", but=deciders)
    modals = [person for person in no if await has_modal(world, person)]
    assert {person.user_id for person in modals} == {person.user_id for person in no} - set(deciders)


async def has_modal(world: World, person: Person) -> bool:
    """Whether a form is still open for somebody: what they sent did not count, and it says why."""
    answer = await world.side_door.get("/person/views", params={"user_id": person.user_id})
    return bool(answer.json()["modals"])


async def test_approvals_against_the_end_of_the_time_are_one_or_none(world: World) -> None:
    card = await asks(world)
    world.clock.forward(minutes=14, seconds=59)
    approvals = presses("Approve", releasers(world), card)

    async def let_it_expire() -> None:
        world.clock.forward(seconds=1)

    run = await race(world, [*approvals[:50], let_it_expire(), *approvals[50:]])
    assert run.state in {RunState.RUNNING, RunState.EXPIRED}
    await check_truth(world, run, card)
    told = ("already approved", "expired")
    await check_everybody_was_told(world, releasers(world), *told, but=run.approvers)


async def test_approvals_against_a_withdrawal_end_in_one_of_the_two(world: World) -> None:
    card = await asks(world)
    await opens(world, [world.cleo], card)
    approvals = presses("Approve", releasers(world), card, PRESSES - 1)
    run = await race(world, [*approvals[:3], world.cleo.submits("wrong one"), *approvals[3:]])
    assert run.state in {RunState.RUNNING, RunState.WITHDRAWN}
    await check_truth(world, run, card)
    told = ("already approved", "already withdrawn")
    await check_everybody_was_told(world, releasers(world), *told, but=run.approvers)


async def test_votes_while_the_rules_change_count_by_one_version_of_them(world: World) -> None:
    world.write_rules(RULES.replace("count: 1", "count: 3"))
    await world.ben.sees("rules", channel=OPS)
    card = await asks(world)
    few = releasers(world)[:2]

    async def change() -> None:
        text = world.rules.read_text(encoding="utf-8").replace("expires: 15m", "expires: 20m")
        await asyncio.to_thread(world.write_rules, text)

    approvals = presses("Approve", few, card)
    run = await race(world, [*approvals[:50], change(), *approvals[50:]])
    await world.ben.sees("Asked anew at", channel=DEPLOYS)
    run = read_runs(world.database)[0]
    assert run.state is RunState.WAITING
    [renewed] = entries_of(world, ApprovalRenewed)
    assert isinstance(renewed, ApprovalRenewed)
    story = [recorded.entry for recorded in read_entries(world.database, RunId(1))]
    before, after = story[: story.index(renewed)], story[story.index(renewed) :]
    assert renewed.votes_lost == tuple(one.by for one in before if isinstance(one, Consented))
    assert all(one.digest == renewed.digest for one in after if isinstance(one, Consented))
    assert all(one.digest != renewed.digest for one in before if isinstance(one, Consented))
    await check_truth(world, run, card)

    crowd = [world.person(user) for user in CROWD]
    run = await race(world, [person.presses("Approve", card) for person in crowd])
    assert run.state is RunState.RUNNING
    assert len(run.approvers) == len(set(run.approvers)) == 3
    await check_truth(world, run, card)


async def test_of_many_voters_as_many_count_as_have_to(world: World) -> None:
    world.write_rules(RULES.replace("count: 1", "count: 5"))
    await world.ben.sees("rules", channel=OPS)
    card = await asks(world)
    run = await race(world, presses("Approve", releasers(world), card))
    assert run.state is RunState.RUNNING
    assert len(run.approvers) == len(set(run.approvers)) == 5
    consents = [entry for entry in entries_of(world, Consented) if isinstance(entry, Consented)]
    assert tuple(entry.by for entry in consents) == run.approvers[:-1]
    assert [entry.count for entry in consents] == [1, 2, 3, 4]
    await check_truth(world, run, card)
    told = ("already approved, by", "You have approved #1 already")
    await check_everybody_was_told(world, releasers(world), *told)


async def test_fifty_claims_at_once_block_nobody(world: World) -> None:
    card = await asks(world)
    eli = world.person(CROWD[-1])
    claims = presses("I'm looking", releasers(world)[:-1], card, 50)
    run = await race(world, [*claims[:25], eli.presses("Approve", card), *claims[25:]])
    assert run.approvers == (eli.user_id,)
    await check_truth(world, run, card)
