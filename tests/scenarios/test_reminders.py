"""Nobody decides: who is awake is called at half-time, the leads after that, and nobody at night; or time runs out."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.person import Person, Seen
from tests.support.world import DEPLOYS, OPS, World, running_world

OFFICE_RULES = """
environments:
  prod: {id: 5a296461-9222-40da-91f5-9e912890dc1b, protected: true}
people:
  releasers: [S0RELEASE]
  leads: [S0LEADS9]
channels:
  C0DEPLOYS:
    - {may: [deploy], on: [prod], who: everyone}
approvals:
  - {for: [deploy], on: [prod], by: releasers, expires: 20m, escalate: {to: leads, after: 12m}}
quiet: {from: "21:00", to: "07:00"}
operators: {channel: C0OPS}
"""

AFTERNOON_AT = datetime(2030, 3, 12, 14, 0, tzinfo=UTC)
"""23:00 in Tokyo, 15:00 in Berlin and Madrid."""

NIGHT_AT = datetime(2030, 3, 12, 21, 0, tzinfo=UTC)
"""06:00 in Tokyo, 22:00 in Berlin and Madrid."""


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[World]:
    """A world in which Ana lives in Tokyo, Ben in Berlin, and Dora, the only lead, in Madrid. It is afternoon."""
    async with running_world(tmp_path, rules=OFFICE_RULES, start=False) as world:
        await arrange(world, "users", id="U0ANA", tz="Asia/Tokyo")
        await arrange(world, "users", id="U0BEN", tz="Europe/Berlin")
        await arrange(world, "users", id="U0DORA9", name="dora", tz="Europe/Madrid")
        await arrange(world, "groups", id="S0LEADS9", handle="leads9", users=["U0DORA9"])
        channel = world.sandbox.workspace.workspace.channels[DEPLOYS]
        await arrange(world, "channels", id=DEPLOYS, members=[*channel.members, "U0DORA9"])
        world.clock.set(AFTERNOON_AT)
        await world.start_bot()
        yield world


async def arrange(world: World, what: str, **facts: object) -> None:
    """Put somebody or something into the workspace."""
    answer = await world.side_door.post(f"/person/{what}", json=facts)
    assert answer.is_success, answer.text


def dora(world: World) -> Person:
    """The lead."""
    return world.person("U0DORA9")


async def asks(world: World) -> Seen:
    """Cleo asks; the card, as the others see it."""
    await world.cleo.says("/oec deploy prod", DEPLOYS)
    return await world.ben.sees("waits for approval", channel=DEPLOYS)


async def test_who_is_awake_is_called_then_the_leads_of_whom_one_approves(office: World) -> None:
    card = await asks(office)

    office.clock.forward(minutes=10)
    reminder = await office.ben.sees("<@U0BEN>", "still waits for approval", channel=DEPLOYS, thread=card.ts)
    assert "U0ANA" not in reminder.words
    assert "night for 1 other" in reminder.words

    office.clock.forward(minutes=2)
    call = await dora(office).sees("<@U0DORA9>", "leads", channel=DEPLOYS, thread=card.ts)
    assert "nobody has decided" in call.words
    assert "U0BEN" not in call.words
    await office.cleo.sees("leads", "may decide too", channel=DEPLOYS)

    await dora(office).presses("Approve", card)
    decided = await office.ben.sees("approved by <@U0DORA9>", channel=DEPLOYS, thread=card.ts)
    assert decided.ts in {reminder.ts, call.ts}
    await office.until_idle()
    thread = await office.cleo.looks_at(DEPLOYS, thread=card.ts)
    for seen in thread:
        if seen.ts in {reminder.ts, call.ts}:
            assert "Decided: approved by <@U0DORA9>" in seen.words
            assert "still waits" not in seen.words
    await office.cleo.sees("approved by <@U0DORA9>", channel=DEPLOYS)
    await office.cleo.reads_thread(card)
    assert len(await office.hosting.posts()) == 1


async def test_ask_calls_nobody_though_the_rules_name_approvers_by_their_ids(office: World) -> None:
    text = office.rules.read_text(encoding="utf-8")
    office.write_rules(text.replace("by: releasers", "by: [U0BEN, S0LEADS9]"))
    await office.ben.sees("rules", channel=OPS)
    card = await asks(office)
    assert "`U0BEN`, leads" in card.words, "a group that the rules name is called by that name"
    assert card.raw["pings"] == ["U0CLEO"]


async def test_what_is_asked_anew_after_the_calls_is_called_for_by_new_messages(office: World) -> None:
    card = await asks(office)
    office.clock.forward(minutes=10)
    reminder = await office.ben.sees("<@U0BEN>", "still waits for approval", channel=DEPLOYS, thread=card.ts)
    office.clock.forward(minutes=2)
    call = await dora(office).sees("<@U0DORA9>", "may decide it too", channel=DEPLOYS, thread=card.ts)
    await office.until_idle()

    text = office.rules.read_text(encoding="utf-8")
    office.write_rules(text.replace("expires: 20m", "expires: 30m"))
    await office.ben.sees("rules", channel=OPS)
    await office.cleo.sees("Asked anew at", "the rules changed", channel=DEPLOYS)
    await office.until_idle()
    for seen in await office.cleo.looks_at(DEPLOYS, thread=card.ts):
        assert "Over:" in seen.words
        assert "was asked anew" in seen.words
        assert "<@" not in seen.words

    office.clock.forward(minutes=12)
    again = await dora(office).sees("<@U0DORA9>", "may decide it too", channel=DEPLOYS, thread=card.ts)
    assert again.ts not in {reminder.ts, call.ts}
    office.clock.forward(minutes=3)
    await office.ben.sees("<@U0BEN>", "still waits for approval", channel=DEPLOYS, thread=card.ts)
    await office.until_idle()

    await dora(office).presses("Approve", card)
    await office.cleo.sees("approved by <@U0DORA9>", channel=DEPLOYS)
    await office.until_idle()
    words = [seen.words for seen in await office.cleo.looks_at(DEPLOYS, thread=card.ts)]
    assert len([one for one in words if "Decided: approved by <@U0DORA9>" in one]) == 2
    assert len([one for one in words if "Over:" in one]) == 2
    await office.cleo.reads_thread(card)
    assert len(await office.hosting.posts()) == 1


async def test_lead_may_not_decide_before_the_leads_are_called(office: World) -> None:
    card = await asks(office)
    await dora(office).presses("Approve", card)
    refusal = await dora(office).sees("You may not decide #1", channel=DEPLOYS)
    assert refusal.is_private
    assert await office.hosting.posts() == []


async def test_nobody_is_woken_and_the_card_says_that_it_is_night(office: World) -> None:
    office.clock.set(NIGHT_AT)
    card = await asks(office)
    office.clock.forward(minutes=10)
    seen = await office.ana.sees("It is night for everyone who may approve", channel=DEPLOYS)
    assert seen.ts == card.ts
    office.clock.forward(minutes=3)
    await office.ana.sees("may decide too, but it is night for all of them", channel=DEPLOYS)
    assert await office.ben.looks_at(DEPLOYS, thread=card.ts) == []
    office.clock.forward(minutes=8)
    await office.cleo.sees("expired", channel=DEPLOYS)
    await office.cleo.sees("<@U0CLEO>", "nobody decided in time", channel=DEPLOYS, thread=card.ts)


async def test_bot_that_was_down_at_every_moment_tells_just_the_expiry(office: World) -> None:
    card = await asks(office)
    await office.stop_bot()
    office.clock.forward(minutes=30)
    await office.start_bot()
    await office.ana.sees("expired", channel=DEPLOYS)
    await office.until_idle()
    [end] = await office.ana.looks_at(DEPLOYS, thread=card.ts)
    assert "nobody decided in time" in end.words
    await office.ana.reads_thread(card)


async def test_bot_that_is_restarted_between_calls_repeats_none(office: World) -> None:
    card = await asks(office)
    office.clock.forward(minutes=10)
    await office.ben.sees("<@U0BEN>", "still waits", channel=DEPLOYS, thread=card.ts)
    await office.until_idle()
    await office.stop_bot()
    await office.start_bot()
    office.clock.forward(minutes=1)
    await office.until_idle()
    assert len(await office.ben.looks_at(DEPLOYS, thread=card.ts)) == 1
    await office.ben.presses("Approve", card)
    await office.ben.sees("Decided: approved by <@U0BEN>", channel=DEPLOYS, thread=card.ts)
    await office.ana.sees("approved by <@U0BEN>", channel=DEPLOYS)
    await office.until_idle()
    await office.ana.reads_thread(card)
