"""Asking somebody who may: one press asks them, one press of theirs does it as themselves, and everybody is told."""

import asyncio

from tests.support.hosting import PROD, STAGING
from tests.support.person import Seen
from tests.support.world import DEPLOYS, SUPPORT, World


async def _plead(world: World, text: str = "deploy prod", channel: str = DEPLOYS) -> Seen:
    """Cleo is refused something, and asks those who may; their message."""
    await world.cleo.says(f"/oec {text}", channel)
    refusal = await world.cleo.sees(f"You may not `{text}`", channel=channel)
    await world.cleo.presses("Ask someone who may", refusal)
    told = await world.cleo.sees("I ask ", f"`{text}`", channel=channel)
    assert told.is_private
    assert told.buttons == ("Never mind",)
    return await world.ana.sees("<@U0CLEO> asks for", "may do it", channel=DEPLOYS)


async def test_releaser_does_it_with_one_press_and_the_asker_hears_of_the_end(world: World) -> None:
    plea = await _plead(world, "restart prod")
    assert not plea.is_private
    assert "*Restart `prod`*" in plea.words
    assert "one of *releasers* may do it" in plea.words
    assert plea.words.count("<@U0ANA>") == plea.words.count("<@U0BEN>") == 1
    assert "<!subteam" not in plea.words, "groups would be called by night, too"
    assert plea.buttons == ("Do it",)
    await world.ana.presses("Do it", plea)
    card = await world.ana.sees("Restart", "Asked by <@U0ANA> for <@U0CLEO>", "#1", channel=DEPLOYS)
    taken = await world.cleo.sees("<@U0ANA> took it on: #1", channel=DEPLOYS)
    assert taken.ts == plea.ts
    assert taken.buttons == ()
    task = await world.hosting.the_task(PROD)
    await world.hosting.moves(task["id"], status="completed")
    end = await world.cleo.sees("✓", "<@U0CLEO>", channel=DEPLOYS, thread=card.ts)
    assert "<@U0ANA>" in end.words
    await world.until_idle()
    await world.cleo.reads_thread(card)
    await world.cleo.says("/oec why 1", DEPLOYS)
    await world.cleo.sees("<@U0ANA> did so because <@U0CLEO> had asked", channel=DEPLOYS)
    assert len(await world.hosting.posts()) == 1


async def test_by_night_it_stands_there_and_calls_nobody(world: World) -> None:
    now = world.clock.now()
    world.clock.forward(hours=(23 - now.hour) % 24)  # in Madrid and in Berlin
    plea = await _plead(world, "restart prod")
    assert "It was night for all of them when this was asked, so I called nobody" in plea.words
    assert "<@U0ANA>" not in plea.words
    await world.cleo.sees("I ask ", "so I call nobody", channel=DEPLOYS)


async def test_plea_gives_no_right_and_skips_no_approval(world: World) -> None:
    plea = await _plead(world, "deploy prod")
    await world.ana.presses("Do it", plea)
    card = await world.ben.sees(
        "waits for approval", "#1", "Asked by <@U0ANA> for <@U0CLEO>", channel=DEPLOYS
    )
    await world.cleo.sees("took it on: #1", channel=DEPLOYS)
    assert await world.hosting.posts() == []
    await world.ben.presses("Approve", card)
    await world.ana.sees("approved by <@U0BEN>", channel=DEPLOYS)
    assert await world.hosting.the_task(PROD)
    await world.until_idle()
    await world.ben.reads_thread(card)


async def test_press_of_somebody_who_may_not_is_refused_and_leaves_it_open(world: World) -> None:
    plea = await _plead(world)
    await world.person("U0ELI").presses("Do it", plea)
    refusal = await world.person("U0ELI").sees("You may not `deploy prod`", channel=DEPLOYS)
    assert refusal.is_private
    assert refusal.buttons == ()
    await world.gus.presses("Do it", plea)
    await world.gus.sees("You are a guest", channel=DEPLOYS)
    still = await world.ben.sees("<@U0CLEO> asks for", channel=DEPLOYS)
    assert still.buttons == ("Do it",)
    assert await world.hosting.posts() == []


async def test_two_presses_at_once_come_to_one_run(world: World) -> None:
    plea = await _plead(world, "restart prod")
    await asyncio.gather(*(one.presses("Do it", plea) for one in (world.ana, world.ben) * 5))
    card = await world.ana.sees("Restart", "#1", channel=DEPLOYS, without=("took it on",))
    taken = await world.cleo.sees("took it on: #1", channel=DEPLOYS)
    loser = world.ben if "<@U0ANA> took it on" in taken.words else world.ana
    late = await loser.sees("took it on: #1", "Your press changes nothing", channel=DEPLOYS)
    assert late.is_private
    await world.hosting.the_task(PROD)
    await world.until_idle()
    assert len(await world.hosting.posts()) == 1
    await world.ana.reads_thread(card)
    world.may_leave_unread = True  # each of the presses that came late was told so


async def test_plea_from_another_channel_is_asked_where_somebody_may(world: World) -> None:
    plea = await _plead(world, "deploy staging", SUPPORT)
    assert "everyone of the team may do it" in plea.words
    assert "<!subteam" not in plea.words
    await world.ben.presses("Do it", plea)
    card = await world.ben.sees("Deploy", "Asked by <@U0BEN>", channel=DEPLOYS)
    await world.ben.sees("took it on: #1", channel=DEPLOYS)
    assert await world.hosting.the_task(STAGING)
    await world.until_idle()
    await world.ben.reads_thread(card)


async def test_same_plea_again_leads_to_the_one_that_stands(world: World) -> None:
    await _plead(world)
    await world.cleo.says("/oec can deploy prod", DEPLOYS)
    told = await world.cleo.sees("You may not `deploy prod`", "Nothing was triggered", channel=DEPLOYS)
    await world.cleo.presses("Ask someone who may", told)
    again = await world.cleo.sees("You ask for this already", "See it there", channel=DEPLOYS)
    assert again.is_private
    await world.until_idle()
    pleas = [seen for seen in await world.ana.looks_at(DEPLOYS) if "asks for" in seen.words]
    assert len(pleas) == 1


async def test_asker_takes_it_back(world: World) -> None:
    plea = await _plead(world)
    await world.cleo.presses("Do it", plea)
    own = await world.cleo.sees("You asked for this yourself", channel=DEPLOYS)
    await world.cleo.presses("Never mind", own)
    await world.cleo.sees("You no longer ask others", channel=DEPLOYS)
    over = await world.ana.sees("No longer asked for", "<@U0CLEO>", channel=DEPLOYS)
    assert over.ts == plea.ts
    assert over.buttons == ()
    assert await world.hosting.posts() == []


async def test_after_an_hour_nobody_took_it(world: World) -> None:
    plea = await _plead(world)
    world.clock.forward(minutes=61)
    over = await world.cleo.sees("Nobody took it", channel=DEPLOYS)
    assert over.ts == plea.ts
    assert over.buttons == ()


async def test_plea_is_true_again_after_a_restart(world: World) -> None:
    plea = await _plead(world)
    await world.stop_bot()
    world.clock.forward(minutes=61)
    await world.start_bot()
    over = await world.cleo.sees("Nobody took it", channel=DEPLOYS)
    assert over.ts == plea.ts


async def test_plea_is_shown_once_slack_is_well_again(world: World) -> None:
    await world.cleo.says("/oec deploy prod", DEPLOYS)
    refusal = await world.cleo.sees("You may not `deploy prod`", channel=DEPLOYS)
    await world.faults(kind="error", method="chat.postMessage", error="service_unavailable", times=3)
    await world.cleo.presses("Ask someone who may", refusal)
    await world.ana.sees("<@U0CLEO> asks for", channel=DEPLOYS)
    await world.cleo.sees("I ask ", channel=DEPLOYS)
    await world.until_idle()
    pleas = [seen for seen in await world.ana.looks_at(DEPLOYS) if "asks for" in seen.words]
    assert len(pleas) == 1


async def test_fourth_plea_within_an_hour_is_refused(world: World) -> None:
    for text in ("deploy prod", "stop prod", "restart prod"):
        await world.cleo.says(f"/oec {text}", DEPLOYS)
        refusal = await world.cleo.sees(f"You may not `{text}`", channel=DEPLOYS)
        await world.cleo.presses("Ask someone who may", refusal)
        await world.cleo.sees("I ask ", f"`{text}`", channel=DEPLOYS)
    await world.cleo.says("/oec deploy shop", DEPLOYS)
    refusal = await world.cleo.sees("You may not `deploy shop`", channel=DEPLOYS)
    await world.cleo.presses("Ask someone who may", refusal)
    await world.cleo.sees("as often as I call people for you", channel=DEPLOYS)
    pleas = [seen for seen in await world.ana.looks_at(DEPLOYS) if "asks for" in seen.words]
    world.read |= {(DEPLOYS, seen.ts) for seen in pleas}
    assert len(pleas) == 3


async def test_channel_without_the_bot_is_passed_over_and_said_where_there_is_no_other(world: World) -> None:
    channel = world.sandbox.workspace.workspace.channels["C0DEPLOYS"]
    await world.cleo.says("/oec deploy prod", SUPPORT)
    refusal = await world.cleo.sees("You may not `deploy prod`", channel=SUPPORT)
    world.sandbox.workspace.workspace.put_channel(
        type(channel)(channel.id, channel.name, tuple(one for one in channel.members if one != "U0OECBOT"))
    )
    await world.cleo.presses("Ask someone who may", refusal)
    told = await world.cleo.sees("I could ask nobody", "/invite @oec", channel=SUPPORT)
    assert told.is_private


async def test_foreigner_and_guest_are_offered_no_plea(world: World) -> None:
    await world.gus.says("/oec deploy prod", DEPLOYS)
    refusal = await world.gus.sees("You are a guest", channel=DEPLOYS)
    assert refusal.buttons == ()
