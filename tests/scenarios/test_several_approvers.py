"""Approvals that take several people: one vote each, one decline ends it, and everybody sees who has and who is looking."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.world import DEPLOYS, OPS, World, running_world

CREW_RULES = """
environments:
  prod: {id: 5a296461-9222-40da-91f5-9e912890dc1b, protected: true}
people:
  releasers: [S0RELEASE]                        # Ana, Ben and Eli
channels:
  C0DEPLOYS:
    - {may: [deploy], on: [prod], who: everyone}
approvals:
  - {for: [deploy], on: [prod], by: releasers, count: 2, expires: 15m}
quiet: {from: "00:00", to: "00:00"}             # nobody sleeps here
operators: {channel: C0OPS}
"""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world in which two of three releasers have to approve."""
    async with running_world(tmp_path, rules=CREW_RULES, start=False) as world:
        await arrange(world, "users", id="U0ELI", tz="America/New_York")
        await arrange(world, "groups", id="S0RELEASE", handle="releasers", users=["U0ANA", "U0BEN", "U0ELI"])
        channel = world.sandbox.workspace.workspace.channels[DEPLOYS]
        await arrange(world, "channels", id=DEPLOYS, members=sorted({*channel.members, "U0ELI"}))
        await world.start_bot()
        yield world


async def arrange(world: World, what: str, **facts: object) -> None:
    """Put somebody or something into the workspace."""
    answer = await world.side_door.post(f"/person/{what}", json=facts)
    assert answer.is_success, answer.text


async def changes_rules(world: World, old: str, new: str) -> None:
    """The operators change the file; they read that the new version is in force."""
    text = world.rules.read_text(encoding="utf-8")
    assert old in text
    world.write_rules(text.replace(old, new, 1))
    await world.ben.sees("rules", channel=OPS)


async def test_two_of_three_have_to_approve(world: World) -> None:
    await world.cleo.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("Needs 2 of", "releasers", "not the requester", channel=DEPLOYS)

    await world.ben.presses("Approve", card)
    one = await world.cleo.sees("1 of 2: <@U0BEN>", "needs one more of", channel=DEPLOYS)
    assert one.ts == card.ts
    await world.ben.presses("Approve", card)
    again = await world.ben.sees("You have approved #1 already", ": `approvals[0]`.", channel=DEPLOYS)
    assert again.is_private
    assert await world.hosting.posts() == []

    await world.ana.presses("Approve", card)
    await world.cleo.sees("approved by <@U0BEN> and <@U0ANA>", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)
    assert len(await world.hosting.posts()) == 1


async def test_one_decline_ends_what_another_has_approved(world: World) -> None:
    await world.cleo.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("Needs 2 of", channel=DEPLOYS)
    await world.ben.presses("Approve", card)
    await world.ana.sees("1 of 2: <@U0BEN>", channel=DEPLOYS)
    await world.ben.presses("Decline", card)
    await world.ben.submits("I looked again")
    await world.cleo.sees("declined", "I looked again", channel=DEPLOYS)
    await world.cleo.sees("<@U0CLEO>", "I looked again", channel=DEPLOYS, thread=card.ts)
    assert await world.hosting.posts() == []


async def test_vote_of_somebody_who_has_left_the_approvers_counts_no_more(world: World) -> None:
    await world.cleo.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("Needs 2 of", channel=DEPLOYS)
    await world.ben.presses("Approve", card)
    await world.ana.sees("1 of 2: <@U0BEN>", channel=DEPLOYS)

    await arrange(world, "groups", id="S0RELEASE", handle="releasers", users=["U0ANA", "U0CLEO", "U0ELI"])
    await world.stop_bot()
    await world.start_bot()  # who is in which group it has to ask anew
    await world.ana.presses("Approve", card)
    await world.ana.sees(
        "1 of 2: <@U0ANA>", "What <@U0BEN> approved before no longer counts", channel=DEPLOYS
    )
    assert await world.hosting.posts() == []

    eli = world.person("U0ELI")
    await eli.presses("Approve", card)
    await world.cleo.sees("approved by <@U0ANA> and <@U0ELI>", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)
    assert len(await world.hosting.posts()) == 1


async def test_new_rules_name_whose_votes_count_no_more(world: World) -> None:
    await world.cleo.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("Needs 2 of", channel=DEPLOYS)
    await world.ben.presses("Approve", card)
    await world.ana.sees("1 of 2: <@U0BEN>", channel=DEPLOYS)
    await changes_rules(world, "expires: 15m", "expires: 20m")
    anew = await world.ana.sees(
        "Asked anew at", "the rules changed; what <@U0BEN> approved before no longer counts", channel=DEPLOYS
    )
    assert "Needs 2 of" in anew.words
    await world.ana.presses("Decline", card)
    await world.ana.submits("another day")
    await world.cleo.sees("declined", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)


async def test_who_is_looking_is_on_the_card_until_they_look_away(world: World) -> None:
    await world.cleo.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.ben.presses("I'm looking", card)
    looking = await world.cleo.sees("<@U0BEN> is looking since", channel=DEPLOYS)
    assert looking.ts == card.ts

    await world.ana.presses("I'm looking", card)
    await world.cleo.sees("<@U0ANA> is looking since", channel=DEPLOYS, without=("<@U0BEN>",))
    await world.ana.presses("I'm looking", card)
    await world.cleo.sees("waits for approval", channel=DEPLOYS, without=("is looking",))

    await world.cleo.presses("I'm looking", card)
    refusal = await world.cleo.sees("You may not decide #1", "Rule: `oec.yml`, line", channel=DEPLOYS)
    assert refusal.is_private

    await world.ben.presses("I'm looking", card)
    await world.cleo.sees("<@U0BEN> is looking since", channel=DEPLOYS)
    await world.ben.presses("Approve", card)
    await world.cleo.sees("1 of 2: <@U0BEN>", channel=DEPLOYS, without=("is looking",))


async def test_claim_is_not_believed_for_ever(world: World) -> None:
    await world.cleo.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.ben.presses("I'm looking", card)
    await world.cleo.sees("<@U0BEN> is looking since", channel=DEPLOYS)
    world.clock.forward(minutes=10, seconds=1)
    await world.cleo.sees("waits for approval", channel=DEPLOYS, without=("is looking",))
    await world.ana.sees("still waits for approval", channel=DEPLOYS, thread=card.ts)
