"""Approval by button: who may, who may not, once, with a reason, and not for ever."""

import asyncio
from dataclasses import replace

from bot.slack.people import ANEW
from tests.support.hosting import DEV, PROD
from tests.support.world import DEPLOYS, OPS, World


async def test_requester_cannot_approve_the_own_request(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ana.sees("waits for approval", channel=DEPLOYS)
    await world.ana.presses("Approve", card)
    refusal = await world.ana.sees("You asked for #1 yourself", channel=DEPLOYS)
    assert refusal.is_private
    assert await world.hosting.posts() == []


async def test_member_who_is_no_approver_is_refused_with_who_may(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.cleo.sees("waits for approval", channel=DEPLOYS)
    await world.cleo.presses("Approve", card)
    refusal = await world.cleo.sees("releasers", channel=DEPLOYS, without=("waits for approval",))
    assert refusal.is_private
    assert await world.hosting.posts() == []


async def test_guest_cannot_approve(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.gus.sees("waits for approval", channel=DEPLOYS)
    await world.gus.presses("Approve", card)
    refusal = await world.gus.sees("guest", channel=DEPLOYS)
    assert refusal.is_private
    assert await world.hosting.posts() == []


async def test_many_presses_at_once_trigger_one_action(world: World) -> None:
    await world.cleo.says("/oec reinit dev sale", DEPLOYS)
    reinit = await world.ana.sees("waits for approval", "#1", channel=DEPLOYS)
    await world.ben.presses("Decline", reinit)
    await world.ben.submits("not today")
    await world.cleo.sees("not today", channel=DEPLOYS, thread=reinit.ts)

    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", "#2", channel=DEPLOYS)
    presses = [world.ben.presses("Approve", card) for _ in range(10)]
    await asyncio.gather(*presses, return_exceptions=True)
    await world.ben.sees("`prod`", "approved by <@U0BEN>", channel=DEPLOYS)
    await world.until_idle()
    assert await world.hosting.the_task(PROD)
    assert len(await world.hosting.posts()) == 1
    await world.ben.sees("queued", channel=DEPLOYS, thread=card.ts)
    world.may_leave_unread = True  # the nine that came late were told, privately, that it was decided


async def test_decline_takes_a_reason_and_tells_the_requester(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.ben.presses("Decline", card)
    answer = await world.ben.submits("month-end closing <!channel>")
    assert answer["errors"] in (None, {})
    declined = await world.ana.sees("declined", "month-end closing", channel=DEPLOYS)
    assert declined.ts == card.ts
    assert "<!channel>" not in declined.words
    told = await world.ana.sees("<@U0ANA>", "declined", "month-end", channel=DEPLOYS, thread=card.ts)
    assert not told.is_private
    assert await world.hosting.posts() == []


async def test_reinit_asks_the_approver_to_type_the_name(world: World) -> None:
    await world.cleo.says("/oec reinit dev sale", DEPLOYS)
    card = await world.ben.sees("`dev`", "waits for approval", channel=DEPLOYS)
    await world.ben.presses("Approve", card)
    wrong = await world.ben.submits("prod")
    assert "dev" in str(wrong["errors"])
    assert await world.hosting.posts() == []
    right = await world.ben.submits("dev")
    assert right["errors"] in (None, {})
    await world.cleo.sees("approved by <@U0BEN>", channel=DEPLOYS)
    await world.until_idle()
    assert "queued" in await world.cleo.reads_thread(card)
    [post] = await world.hosting.posts()
    assert post["body"] == {"mode": "reinitialize_specific", "modules": ["sale"]}
    assert await world.hosting.the_task(DEV)


async def test_approval_expires_and_its_card_says_so(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    world.clock.forward(minutes=16)
    expired = await world.ana.sees("expired", channel=DEPLOYS)
    assert expired.ts == card.ts
    assert "Approve" not in expired.buttons
    await world.ana.sees("<@U0ANA>", "nobody decided in time", channel=DEPLOYS, thread=card.ts)
    assert await world.hosting.posts() == []


async def test_rules_changed_meanwhile_ask_anew_by_the_new_ones(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await changes_rules(world, ("expires: 15m", "expires: 20m"))
    anew = await world.ben.sees("Asked anew at", "the rules changed", channel=DEPLOYS)
    assert anew.ts == card.ts
    await world.ben.presses("Approve", card)
    await world.ana.sees("approved by <@U0BEN>", channel=DEPLOYS)
    await world.until_idle()
    await world.ana.reads_thread(card)
    assert len(await world.hosting.posts()) == 1


async def test_rules_that_no_longer_let_it_be_asked_end_it_with_a_way_to_ask_again(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await changes_rules(world, ("may: [deploy, restart, start", "may: [restart, start"))
    dropped = await world.ana.sees("rules", "changed", channel=DEPLOYS)
    assert "Retry" in dropped.buttons
    assert "Approve" not in dropped.buttons
    await world.ana.sees("<@U0ANA>", channel=DEPLOYS, thread=card.ts)
    assert await world.hosting.posts() == []


async def test_approver_who_has_left_the_team_in_between_approves_nothing(world: World) -> None:
    """What Slack said of people is remembered for minutes; at a press that decides, it is asked anew."""
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("Deploy `prod`", "waits for approval", channel=DEPLOYS)
    await asyncio.sleep(ANEW)
    workspace = world.sandbox.workspace.workspace
    workspace.put_group(replace(workspace.groups["S0RELEASE"], users=("U0ANA",)))
    await world.ben.presses("Approve", card)
    refusal = await world.ben.sees("releasers", channel=DEPLOYS, without=("waits for approval",))
    assert refusal.is_private


async def test_environment_that_becomes_protected_meanwhile_is_so_for_what_waits(world: World) -> None:
    await world.cleo.says("/oec reinit dev sale", DEPLOYS)
    card = await world.ana.sees("waits for approval", "`dev`", channel=DEPLOYS)
    await changes_rules(
        world,
        ("aliases: [development]}", "aliases: [development], protected: true}"),
        ("action: reinit dev sale, expect: approval", "action: reinit dev sale, expect: denied"),
    )
    dropped = await world.ana.sees("rules", "changed", channel=DEPLOYS)
    assert dropped.ts == card.ts
    assert "Approve" not in dropped.buttons
    await world.cleo.sees("<@U0CLEO>", channel=DEPLOYS, thread=card.ts)
    assert await world.hosting.posts() == []


async def test_environment_whose_name_goes_to_another_meanwhile_is_approved_by_its_new_one(
    world: World,
) -> None:
    """Whoever types the old name now means the other environment."""
    await world.cleo.says("/oec reinit dev sale", DEPLOYS)
    card = await world.ana.sees("Reinitialize", "`dev`", "waits for approval", channel=DEPLOYS)
    await changes_rules(
        world,
        ("  dev:     {", "  attic:   {"),
        ("  old:     {", "  dev:     {"),
        ("[staging, dev, old], who", "[staging, attic, dev], who"),
        ("[staging, dev, old], by", "[staging, attic, dev], by"),
    )
    anew = await world.ana.sees("`attic`", "Asked anew at", "the rules changed", channel=DEPLOYS)
    assert anew.ts == card.ts
    await world.ana.presses("Approve", anew)
    assert (await world.ana.submits("dev"))["response_action"] == "errors"
    await world.ana.submits("attic")
    await world.cleo.sees("`attic`", "approved by <@U0ANA>", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)
    [post] = await world.hosting.posts()
    assert DEV in post["path"]


async def test_guest_who_may_ask_may_withdraw(world: World) -> None:
    await changes_rules(
        world,
        (
            "    - {may: everything, on: [staging",
            "    - {may: [deploy], on: [prod], who: U0GUS}\n    - {may: everything, on: [staging",
        ),
    )
    await world.gus.says("/oec deploy prod", DEPLOYS)
    card = await world.gus.sees("waits for approval", channel=DEPLOYS)
    await world.gus.presses("Decline", card)
    await world.gus.submits("never mind")
    withdrawn = await world.ben.sees("withdrawn", channel=DEPLOYS)
    assert withdrawn.ts == card.ts
    await world.until_idle()
    await world.gus.reads_thread(card)


async def test_card_that_was_taken_away_is_shown_anew_when_the_same_is_asked_again(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.until_idle()
    workspace = world.sandbox.workspace.workspace
    message = workspace.find_message(DEPLOYS, card.ts)
    assert message is not None
    workspace.delete(message)

    await world.ben.says("/oec deploy prod", DEPLOYS)
    anew = await world.ana.sees("waits for approval", channel=DEPLOYS)
    assert anew.ts != card.ts
    await world.ben.sees("already", "#1", channel=DEPLOYS)
    await world.ben.presses("Decline", anew)
    await world.ben.submits("not now")
    await world.ana.sees("declined", channel=DEPLOYS)
    await world.until_idle()
    await world.ana.reads_thread(anew)


async def changes_rules(world: World, *changes: tuple[str, str]) -> None:
    """The operators change the file; they read that the new version is in force."""
    text = world.rules.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    world.write_rules(text)
    await world.ben.sees("rules", channel=OPS)


async def test_requester_declining_withdraws_the_request(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ana.sees("waits for approval", channel=DEPLOYS)
    await world.ana.presses("Decline", card)
    await world.ana.submits("wrong one")
    withdrawn = await world.ben.sees("withdrawn", channel=DEPLOYS)
    assert withdrawn.ts == card.ts
    await world.ana.sees("withdrawn", channel=DEPLOYS, thread=card.ts)
    assert await world.hosting.posts() == []
