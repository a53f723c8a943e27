"""Status, history, help, home and what operators are told: each exactly."""

from dataclasses import replace
from typing import get_args

import pytest

from bot.core.catalog import Catalog
from bot.core.intents import Intent
from bot.core.names import ChannelId, RunId
from bot.core.policy import Power
from bot.core.rules import ACTION_WORDS, Rules
from bot.core.runs import RunState
from bot.views.help import HELP_LINES, render_help, say_powers
from bot.views.history import render_history
from bot.views.home import render_home
from bot.views.operators import (
    render_database_trouble,
    render_database_well,
    render_deadlocks,
    render_key_refused,
    render_no_deadlocks,
    render_rules_back,
    render_rules_refused,
    render_rules_reloaded,
)
from bot.views.status import StatusRow, render_status
from tests.views.scenes import (
    ADOPTED,
    BLOCKER,
    DEPLOYS,
    DEV,
    LAST,
    NOW,
    OTHERS,
    PROD,
    SEEN,
    STATES,
    a_run,
)
from tests.views.snapshots import breaches, check_snapshot

POWERS = (
    Power(("restart", "start"), "prod", needs_approval=False),
    Power(("deploy", "stop"), "prod", needs_approval=True),
    Power(("deploy", "restart", "update"), "dev", needs_approval=False),
    Power(("reinit",), "dev", needs_approval=True),
)
RULES = Rules(Catalog((PROD, DEV)), {DEPLOYS: ()}, (), None, "0123456789abcdef" * 4)
ROWS = (
    StatusRow(PROD, SEEN, last=LAST, open=BLOCKER),
    StatusRow(DEV, replace(SEEN, id=DEV.id, status="stopped", url=None, project=None, name=None), None, None),
    StatusRow(replace(DEV, alias="old"), None, None, a_run(change=replace(a_run().change, environment=DEV))),
)


# Status


def test_status_of_several_is_as_kept() -> None:
    check_snapshot("status/several", render_status(ROWS, now=NOW))


def test_status_of_one_is_as_kept() -> None:
    check_snapshot("status/one", render_status(ROWS[:1], now=NOW))


def test_status_of_none_is_as_kept() -> None:
    check_snapshot("status/none", render_status((), now=NOW))


def test_status_of_an_unheard_state_wants_a_look() -> None:
    odd = StatusRow(PROD, replace(SEEN, status="levitating"), None, None)
    assert "⚠ levitating" in render_status([odd], now=NOW).text


def test_status_of_very_many_stays_within_limits_and_loses_none() -> None:
    rows = [replace(ROWS[0], environment=replace(PROD, alias=f"client-{n}")) for n in range(200)]
    shown = render_status(rows, now=NOW)
    assert breaches(shown) == []
    assert "client-199" in repr(shown.blocks)


# History


def test_history_is_as_kept() -> None:
    runs = [
        replace(run, id=RunId(100 - n)) for n, run in enumerate([*STATES.values(), OTHERS["reinit"], ADOPTED])
    ]
    check_snapshot("history/several", render_history(runs, environment=None, now=NOW))


def test_history_of_one_environment_is_as_kept() -> None:
    check_snapshot("history/one", render_history([LAST], environment=PROD, now=NOW))


def test_history_of_nothing_is_as_kept() -> None:
    check_snapshot("history/none", render_history([], environment=PROD, now=NOW))


def test_history_has_a_word_for_every_state() -> None:
    for state in RunState:
        assert "#42" in repr(render_history([a_run(state)], environment=None, now=NOW).blocks)


# Help


@pytest.mark.parametrize(
    "topic",
    ["deploy", "update", "reinit", "stop", "status", "logs", "run", "history", "help", "restart", "start"],
)
def test_help_on_each_topic_is_as_kept(topic: str) -> None:
    check_snapshot(f"help/{topic}", render_help(POWERS, topic=topic))


def test_help_is_as_kept() -> None:
    check_snapshot("help/all", render_help(POWERS))


def test_help_for_somebody_who_may_only_look_is_as_kept() -> None:
    check_snapshot("help/look", render_help(()))


def test_help_on_an_unknown_topic_is_as_kept() -> None:
    check_snapshot("help/unknown", render_help(POWERS, topic="sing"))


def test_help_lists_no_action_that_would_be_refused() -> None:
    shown = repr(render_help((Power(("restart",), "staging", needs_approval=False),)).blocks)
    assert "/oec restart staging" in shown
    for word in ("deploy {", "/oec deploy staging", "/oec stop", "/oec update", "/oec reinit"):
        assert word not in shown


def test_help_names_environments_with_the_same_powers_together() -> None:
    alike = [Power(("deploy", "restart"), alias, needs_approval=False) for alias in ("staging", "dev", "old")]
    apart = Power(("deploy", "restart"), "prod", needs_approval=True)
    assert [str(line) for line in say_powers([*alike, apart])] == [
        "deploy, restart `staging`, `dev`, `old`",
        "deploy, restart `prod` – with somebody's approval",
    ]


def test_help_on_what_may_not_be_done_here_says_so() -> None:
    assert "may not do this here" in render_help((), topic="deploy").text


def test_catalogue_of_help_holds_every_intent_and_every_word_of_the_rules() -> None:
    assert {line.intent for line in HELP_LINES} == set(get_args(Intent))
    assert {line.power for line in HELP_LINES if line.power} == {*ACTION_WORDS}


def test_every_form_of_help_begins_with_its_topic() -> None:
    assert all(form.split()[0] == line.topic for line in HELP_LINES for form in line.forms)


# Home and operators


def test_home_is_as_kept() -> None:
    check_snapshot("home/able", render_home([(DEPLOYS, POWERS), (ChannelId("C0SUPPORT"), ())]))


def test_home_of_somebody_who_may_nothing_is_as_kept() -> None:
    check_snapshot("home/unable", render_home([(DEPLOYS, ())]))


def test_home_with_very_many_channels_stays_within_limits() -> None:
    assert breaches(render_home([(ChannelId(f"C0{n:04}"), POWERS * 20) for n in range(300)])) == []


def test_operators_are_told_of_new_rules_as_kept() -> None:
    check_snapshot("operators/reloaded", render_rules_reloaded(RULES, head="f00d" * 16))


def test_operators_are_told_of_refused_rules_as_kept() -> None:
    mistakes = [
        "oec.yml:12: `prdo` is no environment. Did you mean `prod`?",
        "oec.yml:20: <!channel> is no id.",
    ]
    check_snapshot("operators/refused", render_rules_refused(mistakes))


def test_operators_are_told_that_the_rules_are_right_again_as_kept() -> None:
    check_snapshot("operators/back", render_rules_back(RULES))


def test_operators_are_told_of_what_nobody_could_approve_as_kept() -> None:
    stuck = "oec.yml:16: `channels.C0DEPLOYS[0]` lets releasers ask for `stop` on `prod`, but nobody could ever approve it."
    check_snapshot("operators/deadlocks", render_deadlocks([stuck, "oec.yml:17: <!channel>"]))
    check_snapshot("operators/no_deadlocks", render_no_deadlocks())
    assert breaches(render_deadlocks([stuck] * 500)) == []


def test_operators_are_told_of_the_number_of_very_many_mistakes() -> None:
    shown = render_rules_refused([f"oec.yml:{n}: wrong" for n in range(500)])
    assert "500 mistakes" in shown.text
    assert "470 more" in repr(shown.blocks)
    assert breaches(shown) == []


def test_operators_are_told_of_a_refused_key_as_kept() -> None:
    check_snapshot("operators/key_refused", render_key_refused())


def test_operators_are_told_of_the_database_as_kept() -> None:
    sentence = "The database oec-bot.db cannot grow: the disk is full. Free some space; nothing that was written is lost."
    check_snapshot("operators/database_trouble", render_database_trouble(sentence))
    check_snapshot("operators/database_well", render_database_well())
