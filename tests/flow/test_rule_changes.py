"""Versions of the rules are recorded as they come into force, once each, also where that was not possible at first."""

from dataclasses import replace

import pytest

from bot.core.entries import RulesChanged, RulesRefused
from bot.core.errors import HistoryError
from bot.flow.rule_changes import RuleChanges
from tests.flow.stage import Stage, words_of


@pytest.fixture
def changes(stage: Stage) -> RuleChanges:
    """What watches over the rules of this bot; its history can be meddled with."""
    history = stage.meddler.around(stage.store)
    return RuleChanges(history, stage.clock, stage.flow.rulebook, stage.flow.operators)


async def recorded(stage: Stage) -> list[object]:
    return [one.entry for one in await stage.store.find_entries(None)]


def told(stage: Stage) -> list[str]:
    return [words_of(posted.now) for posted in stage.chat.screen]


async def fail() -> None:
    raise HistoryError("the disk is full")


async def test_rules_of_the_first_start_are_recorded_and_nobody_is_told(
    stage: Stage, changes: RuleChanges
) -> None:
    await changes.begin()
    await changes.begin()
    await changes.record_once()
    assert await recorded(stage) == [RulesChanged(stage.rules.name, stage.rules.digest)]
    assert told(stage) == []


async def test_other_rules_at_a_later_start_are_told_with_the_head_of_the_record(
    stage: Stage, changes: RuleChanges
) -> None:
    await stage.store.record_entry(None, RulesChanged("oec.yml", "older"), stage.clock.now())
    await changes.begin()
    assert (await recorded(stage))[1:] == [RulesChanged(stage.rules.name, stage.rules.digest, "older")]
    [message] = told(stage)
    assert (await stage.store.find_head())[:12] in message


async def test_new_rules_are_in_force_and_recorded(stage: Stage, changes: RuleChanges) -> None:
    await changes.begin()
    newer = replace(stage.rules, digest="newer")
    await changes.take(newer)
    await changes.take(stage.rules)
    assert stage.flow.rulebook.current().digest == stage.rules.digest
    assert await recorded(stage) == [
        RulesChanged(newer.name, stage.rules.digest),
        RulesChanged(newer.name, "newer", stage.rules.digest),
        RulesChanged(newer.name, stage.rules.digest, "newer"),
    ]


async def test_rules_that_cannot_be_recorded_are_in_force_and_recorded_later(
    stage: Stage, changes: RuleChanges
) -> None:
    await changes.begin()
    stage.meddler.before("record_entry", fail)
    await changes.take(replace(stage.rules, digest="newer"))
    assert stage.flow.rulebook.current().digest == "newer"
    assert len(await recorded(stage)) == 1
    await changes.record_once()
    await changes.record_once()
    assert (await recorded(stage))[1:] == [RulesChanged(stage.rules.name, "newer", stage.rules.digest)]


async def test_refused_rules_are_recorded_without_secrets(stage: Stage, changes: RuleChanges) -> None:
    secret = "xoxb-" + "1234567890-abcdefghijkl"
    await changes.refuse("oec.yml", "bad", [f"oec.yml:3: `{secret}` is no id.", *["more"] * 50])
    [refused] = await recorded(stage)
    assert isinstance(refused, RulesRefused)
    assert (refused.name, refused.digest, len(refused.mistakes)) == ("oec.yml", "bad", 30)
    assert secret not in str(refused)
    assert "not taken" in told(stage)[0]


async def test_refused_rules_are_told_though_they_cannot_be_recorded(
    stage: Stage, changes: RuleChanges
) -> None:
    stage.meddler.before("record_entry", fail)
    await changes.refuse("oec.yml", "bad", ["oec.yml:3: no."])
    assert await recorded(stage) == []
    assert "not taken" in told(stage)[0]
