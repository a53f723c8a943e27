"""What people do while the bot dies: small scenes, each a walk through another part of the submit path.

A scene never insists: what does not appear in time is not waited for, and whoever finds no button presses none.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from random import Random

from tests.benchmarks.chaos.hosting import Hosting
from tests.benchmarks.chaos.people import People, Seen
from tests.benchmarks.chaos.town import ANA, BEN, CHANNELS, CLEO, DANA, FREE, GUARDED, GUS

HOT = ("deploy", "restart", "update", "stop", "start")


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a scene is played: the people, the platform, the rules, and the dice."""

    people: People
    hosting: Hosting
    touch_rules: Callable[[], None]
    dice: Random

    @property
    def channel(self) -> str:
        """Any channel."""
        return self.dice.choice(CHANNELS)

    @property
    def free(self) -> str:
        """Any environment on which everybody may do everything."""
        return self.dice.choice(FREE[:10])  # few, so that people get in each other's way

    async def finds_card(self, alias: str, button: str) -> Seen | None:
        """The newest card of an environment that offers a button, when it comes."""
        return await self.people.finds(
            lambda seen: seen.slot == "card" and button in seen.buttons and f"`{alias}`" in seen.words
        )

    async def asks_for_approval(self) -> tuple[str, Seen | None]:
        """Ana asks for what needs approval; the card when it stands."""
        alias, word = self.dice.choice(GUARDED), self.dice.choice(("deploy", "stop", "update"))
        await self.people.types(ANA, f"{word} {alias}", self.channel)
        return alias, await self.finds_card(alias, "Approve")


Scene = Callable[[Stage], Awaitable[object]]


async def types_a_command(stage: Stage) -> None:
    """Cleo asks for something that needs no approval."""
    await stage.people.types(CLEO, f"{stage.dice.choice(HOT)} {stage.free}", stage.channel)


async def mentions_the_bot(stage: Stage) -> None:
    """Ben asks in a message."""
    await stage.people.mentions(BEN, f"restart {stage.free}", stage.channel)


async def asks_in_a_thread(stage: Stage) -> None:
    """Dana asks under a message, where the card is the progress message too."""
    channel = stage.channel
    ts = await stage.people.writes(DANA, "The client wants it today.", channel)
    await stage.people.mentions(DANA, f"deploy {stage.free}", channel, ts)


async def updates_modules(stage: Stage) -> None:
    """Cleo updates some modules, or all of them."""
    what = stage.dice.choice(("sale", "sale, stock", "all", "stock mode=pull_restart"))
    await stage.people.types(CLEO, f"update {stage.free} {what}", stage.channel)


async def types_twice(stage: Stage) -> None:
    """Cleo types the same twice, in the same instant or a moment later."""
    text, channel = f"restart {stage.free}", stage.channel
    first = asyncio.ensure_future(stage.people.types(CLEO, text, channel))
    await asyncio.sleep(stage.dice.choice((0.0, 0.05, 0.4)))
    await asyncio.gather(first, stage.people.types(CLEO, text, channel))


async def two_want_the_same(stage: Stage) -> None:
    """Ben and Cleo want the same environment at the same instant."""
    alias = stage.free
    await asyncio.gather(
        stage.people.types(BEN, f"deploy {alias}", stage.channel),
        stage.people.types(CLEO, f"restart {alias}", stage.channel),
    )


async def comes_twice(stage: Stage) -> None:
    """Slack delivers a command, and delivers it again."""
    envelope = await stage.people.types(CLEO, f"restart {stage.free}", stage.channel)
    await asyncio.sleep(stage.dice.choice((0.0, 0.2, 0.8)))
    await stage.people.redelivers(envelope)


async def event_comes_twice(stage: Stage) -> None:
    """Slack delivers an event, and delivers it again."""
    envelope = await stage.people.mentions(BEN, f"deploy {stage.free}", stage.channel)
    await asyncio.sleep(stage.dice.choice((0.0, 0.2, 0.8)))
    await stage.people.redelivers(envelope)


async def approves(stage: Stage) -> None:
    """Ana asks, Ben approves."""
    _, card = await stage.asks_for_approval()
    if card is not None:
        await stage.people.presses_on(BEN, "Approve", card)


async def double_clicks(stage: Stage) -> None:
    """Ana asks, Ben approves with a double click."""
    _, card = await stage.asks_for_approval()
    if card is not None:
        await asyncio.gather(*(stage.people.presses_on(BEN, "Approve", card) for _ in range(2)))


async def two_approve(stage: Stage) -> None:
    """Ana asks, Ben and Dana approve at the same instant; Cleo may not, and tries."""
    _, card = await stage.asks_for_approval()
    if card is not None:
        await asyncio.gather(*(stage.people.presses_on(user, "Approve", card) for user in (BEN, DANA, CLEO)))


async def approves_own(stage: Stage) -> None:
    """Ana asks and approves herself, which does not count; Ben decides the other way."""
    _, card = await stage.asks_for_approval()
    if card is not None:
        await stage.people.presses_on(ANA, "Approve", card)
        await stage.people.presses_on(BEN, "Decline", card)
        await stage.people.submits(BEN, "not today")


async def declines(stage: Stage) -> None:
    """Ana asks, Ben declines with a reason."""
    _, card = await stage.asks_for_approval()
    if card is not None:
        await stage.people.presses_on(BEN, "Decline", card)
        await stage.people.submits(BEN, "the client is demonstrating")


async def withdraws(stage: Stage) -> None:
    """Ana asks, and takes it back."""
    _, card = await stage.asks_for_approval()
    if card is not None:
        await stage.people.presses_on(ANA, "Decline", card)
        await stage.people.submits(ANA, "a mistake")


async def one_approves_one_declines(stage: Stage) -> None:
    """Ana asks; Ben approves while Dana fills in why not."""
    _, card = await stage.asks_for_approval()
    if card is not None:
        await stage.people.presses_on(DANA, "Decline", card)
        await asyncio.gather(
            stage.people.submits(DANA, "wait"), stage.people.presses_on(BEN, "Approve", card)
        )


async def drops_data(stage: Stage) -> None:
    """Cleo asks to reinitialize; Ben has to type the environment's name, and may mistype it."""
    alias = stage.free
    await stage.people.types(CLEO, f"reinit {alias} sale", stage.channel)
    card = await stage.finds_card(alias, "Approve")
    if card is not None:
        await stage.people.presses_on(BEN, "Approve", card)
        await stage.people.submits(BEN, stage.dice.choice((alias, alias, "freee")))


async def rules_change(stage: Stage) -> None:
    """Ana asks, the rules are written anew, Ben approves what is no longer the same."""
    _, card = await stage.asks_for_approval()
    stage.touch_rules()
    if card is not None:
        await asyncio.sleep(stage.dice.choice((0.0, 2.1)))
        await stage.people.presses_on(BEN, "Approve", card)


async def decides_what_waits(stage: Stage) -> None:
    """Ben decides everything that still waits, of earlier lives too."""
    for card in await stage.people.finds_cards("Approve"):
        if stage.dice.random() < 0.7:
            await stage.people.presses_on(stage.dice.choice((BEN, DANA)), "Approve", card)
        else:
            await stage.people.presses_on(BEN, "Decline", card)
            await stage.people.submits(BEN, "too late")


async def retries(stage: Stage) -> None:
    """Two people press *Retry* on something that did not work, at the same instant."""
    cards = await stage.people.finds_cards("Retry")
    if cards:
        card = stage.dice.choice(cards)
        await asyncio.gather(*(stage.people.presses_on(user, "Retry", card) for user in (BEN, CLEO)))


async def task_fails(stage: Stage) -> None:
    """What Cleo asks for goes wrong at the platform, and she looks at the log."""
    alias = stage.free
    await stage.hosting.next_ends(alias, stage.dice.choice(("failed", "cancelled")))
    await stage.people.types(CLEO, f"deploy {alias}", stage.channel)
    for card in (await stage.people.finds_cards("Show log"))[:1]:
        await stage.people.presses_on(CLEO, "Show log", card)


async def follows_another(stage: Stage) -> None:
    """Somebody started a task in the dashboard: Cleo's ask is refused, and two people follow what is in the way."""
    alias = stage.free
    await stage.hosting.starts(alias, stage.dice.choice(("deploy", "restart", "backup")))
    await stage.people.types(CLEO, f"restart {alias}", stage.channel)
    card = await stage.finds_card(alias, "Follow it")
    if card is not None:
        await asyncio.gather(*(stage.people.presses_on(user, "Follow it", card) for user in (CLEO, BEN)))


async def asks_by_shortcut(stage: Stage) -> None:
    """Dana asks from a message's menu."""
    channel = stage.channel
    ts = await stage.people.writes(DANA, "Can somebody restart it?", channel)
    message = await stage.people.finds(lambda seen: seen.ts == ts, channels=(channel,))
    if message is not None:
        await stage.people.uses_shortcut(DANA, message)
        await stage.people.submits(DANA, f"restart {stage.free}")


async def mistypes(stage: Stage) -> None:
    """Cleo mistypes a name and presses what is offered; Gus, a guest, asks for what he may not."""
    channel = stage.channel
    await asyncio.gather(
        stage.people.types(CLEO, "restart fre03", channel),
        stage.people.types(GUS, "deploy guarded01", channel),
    )
    offer = await stage.people.finds(
        lambda seen: bool(seen.raw.get("ephemeral")) and "free03" in " ".join(seen.buttons),
        user=CLEO,
        channels=(channel,),
    )
    if offer is not None:
        await stage.people.presses_on(CLEO, offer.buttons[0], offer)


async def only_reads(stage: Stage) -> None:
    """Gus and Ana look around."""
    words = ("status", "history", f"status {stage.free}", "run 1", "logs 1", "help", "deploy", "frobnicate")
    channel = stage.channel
    await asyncio.gather(*(stage.people.types(ANA, word, channel) for word in stage.dice.sample(words, 3)))
    await stage.people.opens_home(ANA)


async def channel_closes(stage: Stage) -> None:
    """Ben and Ana ask in a channel that is archived a moment later, and opened again."""
    channel = CHANNELS[-1]
    await asyncio.gather(
        stage.people.types(BEN, f"deploy {stage.free}", channel),
        stage.people.types(ANA, f"deploy {stage.dice.choice(GUARDED)}", channel),
    )
    await asyncio.sleep(stage.dice.choice((0.0, 0.2, 0.6)))
    await stage.people.arranges(channel, is_archived=True)
    await asyncio.sleep(1.0)
    await stage.people.arranges(channel, is_archived=False)


async def presses_what_is_gone(stage: Stage) -> None:
    """Somebody presses *Approve* on a card that was decided meanwhile: the screen was old."""
    _, card = await stage.asks_for_approval()
    if card is not None:
        await stage.people.presses_on(BEN, "Decline", card)
        await stage.people.presses_on(DANA, "Approve", card)
        await stage.people.submits(BEN, "too late")


SCENES: Mapping[str, Scene] = {
    one.__name__: one
    for one in (
        types_a_command,
        mentions_the_bot,
        asks_in_a_thread,
        updates_modules,
        types_twice,
        two_want_the_same,
        comes_twice,
        event_comes_twice,
        approves,
        double_clicks,
        two_approve,
        approves_own,
        declines,
        withdraws,
        one_approves_one_declines,
        drops_data,
        rules_change,
        decides_what_waits,
        retries,
        task_fails,
        follows_another,
        asks_by_shortcut,
        mistypes,
        only_reads,
        channel_closes,
        presses_what_is_gone,
    )
}
