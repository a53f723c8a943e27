"""The record: who asked and who decided under which rules, whether anybody has changed it, and Slack as a witness."""

import json
import re
import sqlite3
from contextlib import closing

from bot.core.entries import RulesChanged, RulesRefused
from tests.support.hosting import PROD, STAGING
from tests.support.process import run_to_end
from tests.support.record import read_entries
from tests.support.world import DEPLOYS, OPS, World

HEAD = re.compile(r"head is `?([0-9a-f]{12})")


async def _ask_history(world: World, *words: str) -> tuple[int, str]:
    """What the operator reads on the command line, while the bot runs."""
    settings = {"OEC_DATABASE": str(world.database)}
    status, out, err = await run_to_end("history", *words, settings=settings, folder=world.folder)
    assert err == ""
    return status, out


async def test_auditor_reads_who_asked_who_approved_under_which_rule_and_where(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.ben.presses("Approve", card)
    task = await world.hosting.the_task(PROD)
    await world.ana.sees("approved by <@U0BEN>", channel=DEPLOYS)
    await world.until_idle()
    await world.ana.reads_thread(card)

    _, out = await _ask_history(world, "--json")
    [run] = json.loads(out)
    assert (run["requester"], run["approvers"], run["task_id"]) == ("U0ANA", ["U0BEN"], task["id"])
    assert (run["decision"], run["rule"]) == ("needs_approval", "channels.C0DEPLOYS[0]")
    assert run["rule_line"] > 0
    [vote] = run["votes"]
    assert (vote["by"], vote["vote"], vote["rule"]) == ("U0BEN", "granted", run["approval_rule"])
    assert vote["rules_digest"] == run["rules_digest"]
    door = await world.side_door.get(run["card"])
    assert not door.is_error, "the link leads to the card"
    assert run["card"].endswith(f"/archives/{DEPLOYS}/p{card.ts.replace('.', '')}")

    _, out = await _ask_history(world, "--entries", "--json")
    kinds = [entry["kind"] for entry in reversed(json.loads(out))]
    assert kinds == ["rules_changed", "asked", "voted", "sent", "started"]


async def test_refused_ask_is_in_the_record_though_it_never_became_a_run(world: World) -> None:
    await world.gus.says("/oec deploy prod", DEPLOYS)
    await world.gus.sees("guest", channel=DEPLOYS)
    _, out = await _ask_history(world, "--entries", "--csv")
    denied = out.splitlines()[1]
    assert ",denied,U0GUS," in denied


async def test_change_of_the_rules_is_recorded_and_slack_witnesses_the_head(world: World) -> None:
    text = world.rules.read_text(encoding="utf-8")
    world.write_rules(text + "\n# and this\n")
    told = await world.ana.sees("New rules are in force", channel=OPS)
    [first, second] = [one.entry for one in read_entries(world.database, None)]
    assert isinstance(first, RulesChanged)
    assert isinstance(second, RulesChanged)
    assert (first.before, second.before) == (None, first.digest)
    assert second.digest[:12] in told.words
    found = HEAD.search(told.words)
    assert found, told.words

    await world.cleo.says("/oec restart nowhere", DEPLOYS)
    await world.cleo.sees("nowhere", channel=DEPLOYS)
    status, out = await _ask_history(world, "verify", "--head", found[1])
    assert (status, "still part of the record" in out) == (0, True), out


async def test_rules_that_are_refused_are_recorded_with_what_is_wrong(world: World) -> None:
    world.write_rules("environments: [prod]\n")
    await world.ana.sees("The changed rules are not taken", channel=OPS)
    refused = read_entries(world.database, None)[-1].entry
    assert isinstance(refused, RulesRefused)
    assert refused.digest
    assert any("oec.yml:1" in mistake for mistake in refused.mistakes)


async def test_rules_that_changed_while_the_bot_was_away_are_told_and_recorded(world: World) -> None:
    await world.stop_bot()
    text = world.rules.read_text(encoding="utf-8")
    world.write_rules(text + "\n# and this\n")
    await world.start_bot()
    await world.ana.sees("New rules are in force", channel=OPS)
    await world.stop_bot()
    await world.start_bot()
    changes = [one.entry for one in read_entries(world.database, None)]
    assert [type(change) for change in changes] == [RulesChanged, RulesChanged], "told once"


async def test_hand_in_the_record_is_found_while_the_bot_writes_on(world: World) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    card = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    task = await world.hosting.the_task(STAGING)
    await world.until_idle()
    with closing(sqlite3.connect(world.database)) as connection:
        connection.execute("DROP TRIGGER entries_are_never_changed")
        connection.execute("UPDATE entries SET by = 'U0EVE' WHERE kind = 'asked'")
        connection.execute("UPDATE runs SET requester = 'U0ANA'")
        connection.commit()
    await world.hosting.moves(task["id"], status="completed")
    await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)
    world.may_break_record = True
    status, out = await _ask_history(world, "verify")
    assert status == 1
    assert "The record no longer holds together from here on: entry 2 (run #1," in out
    assert "Run #1: who asked is U0ANA there, and U0CLEO by its entries." in out
