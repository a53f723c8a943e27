"""The rules that the demonstration comes with, played by its people: two votes, a call to others, a denial, a guest."""

from datetime import UTC, datetime

from bot.rules_file import check_cases, read_document
from bot.sim.sandbox import RULES
from tests.support.hosting import PROD
from tests.support.world import DEPLOYS, World

MORNING_AT = datetime(2030, 3, 12, 10, 0, tzinfo=UTC)
"""11:00 in Madrid and Berlin, 19:00 in Tokyo, 6:00 in New York."""


def test_pretend_rules_pass_their_own_tests() -> None:
    document = read_document(RULES)
    assert len(document.cases) == 6
    assert check_cases(document.rules, document.cases) == ()


async def test_stopping_production_takes_two_of_both_groups(world: World) -> None:
    await world.ana.says("/oec stop prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", "2 of", channel=DEPLOYS)
    await world.ana.presses("Approve", card)
    await world.ana.sees("You asked for #1 yourself", channel=DEPLOYS)
    await world.ben.presses("Approve", card)
    await world.dora.sees("<@U0BEN>", "waits for approval", channel=DEPLOYS)
    assert await world.hosting.posts() == []
    await world.dora.presses("Approve", card)
    await world.ana.sees("approved by", "<@U0BEN>", "<@U0DORA>", channel=DEPLOYS)
    assert await world.hosting.the_task(PROD)
    await world.until_idle()
    await world.ana.reads_thread(card)
    world.may_leave_unread = True


async def test_update_that_nobody_decides_is_taken_to_whoever_is_awake(world: World) -> None:
    world.clock.set(MORNING_AT)
    await world.ana.says("/oec update prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    world.clock.forward(seconds=91)
    await world.ben.sees("<@U0BEN>", channel=DEPLOYS, thread=card.ts)
    world.clock.forward(seconds=31)
    called = await world.dora.sees("<@U0DORA>", channel=DEPLOYS, thread=card.ts)
    assert "<@U0ELI>" not in called.words, "it is night in New York"
    await world.dora.presses("Approve", card)
    await world.ana.sees("approved by <@U0DORA>", channel=DEPLOYS)
    await world.until_idle()
    await world.ana.reads_thread(card)
    world.may_leave_unread = True


async def test_denial_beats_the_right_and_says_so(world: World) -> None:
    await world.ana.says("/oec update shop all", DEPLOYS)
    refusal = await world.ana.sees("may not", "shop", channel=DEPLOYS)
    assert refusal.is_private
    assert "channels.C0DEPLOYS[2]" in refusal.words
    await world.ana.says("/oec update shop", DEPLOYS)
    card = await world.ben.sees("waits for approval", "`shop`", channel=DEPLOYS)
    await world.ana.presses("Decline", card)
    await world.ana.submits("only a look")
    await world.ana.sees("withdrawn", channel=DEPLOYS, thread=card.ts)


async def test_guest_is_refused_what_everyone_may(world: World) -> None:
    await world.gus.says("/oec restart dev", DEPLOYS)
    refusal = await world.gus.sees("uest", channel=DEPLOYS)
    assert refusal.is_private
    assert await world.hosting.posts() == []
