"""Private answers: each exactly, and what they must offer or must not say."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.catalog import Catalog
from bot.core.errors import HostingRefusedError, HostingUnavailableError
from bot.core.grammar import parse
from bot.core.intents import ActionIntent, ShowMay
from bot.core.misunderstood import (
    AmbiguousEnvironment,
    BadModules,
    BadRunNumber,
    MissingEnvironment,
    MissingModules,
    Misunderstood,
    UnexpectedWords,
    UnknownEnvironment,
    UnknownWord,
)
from bot.core.names import ButtonId, GroupId, RunId, UserId
from bot.core.policy import Advice, Denied, HereYouMay, WhoMay
from bot.core.rules import People, RuleSource
from bot.core.tasks import TaskLog, TaskStatus
from bot.views import answers, buttons
from bot.views.answers.not_allowed import say_here_you_may
from bot.views.message import Message
from tests.support.block_limits import find_pings
from tests.views.scenes import (
    BLOCKER,
    DEPLOYS,
    DEV,
    LOG,
    NOW,
    OTHERS,
    PROD,
    STATES,
    a_report,
    a_run,
    a_running_run,
    a_sight,
)
from tests.views.snapshots import check_snapshot

HERE = (HereYouMay(("restart",), "staging"), HereYouMay(("deploy", "update"), "dev"))
DASHES = "-" * 5
ASKS = ((ButtonId("ask-prod-1"), PROD), (ButtonId("ask-dev-1"), DEV))
RELEASERS = People("releasers", users=frozenset({UserId("U0BEN")}), groups=frozenset({GroupId("S0RELEASE")}))
WAYS = (
    WhoMay(RELEASERS, DEPLOYS, RuleSource("channels.C0DEPLOYS[0]", 12)),
    WhoMay(People("everyone", everyone=True), "C0OPS", RuleSource("channels.C0OPS[1]", 20)),
)

MISUNDERSTOOD: dict[str, Misunderstood] = {
    "unknown_word": UnknownWord("deplyo", "deploy"),
    "unknown_word_far": UnknownWord("sing", None),
    "missing_environment": MissingEnvironment("deploy"),
    "unknown_environment": UnknownEnvironment("prdo", ((PROD, "deploy prod"),)),
    "ambiguous_environment": AmbiguousEnvironment("production", ((PROD, "deploy prod"),)),
    "bad_module": BadModules(("Sale!",)),
    "bad_modules": BadModules(("Sale!", "-x")),
    "all_where_names_are_needed": BadModules(("all",)),
    "too_many_modules": BadModules(()),
    "missing_modules": MissingModules("reinit"),
    "unexpected_words": UnexpectedWords("deploy", ("right", "now")),
    "bad_run_number": BadRunNumber("run", "abc"),
    "missing_run_number": BadRunNumber("logs", None),
}
SECTION = RuleSource("channels.C0SUPPORT", 26)
DENIED: dict[str, tuple[Denied, Advice]] = {
    "no_rule": (Denied("no_rule", SECTION), Advice(WAYS, HERE)),
    "no_rule_for_anybody": (Denied("no_rule", SECTION), Advice()),
    "deny_rule": (Denied("deny_rule", RuleSource("channels.C0SUPPORT[2]", 30)), Advice(WAYS[:1])),
    "channel_without_rules": (
        Denied("channel_without_rules", RuleSource("channels", 20)),
        Advice(WAYS[:1]),
    ),
    "protected": (Denied("protected", SECTION), Advice(WAYS[:1], HERE)),
    "not_visible": (Denied("not_visible", SECTION), Advice(here_you_may=HERE)),
    "foreign_team": (Denied("foreign_team", SECTION), Advice()),
    "guest": (Denied("guest", SECTION), Advice(here_you_may=HERE)),
    "bot": (Denied("bot", SECTION), Advice()),
    "deactivated": (Denied("deactivated", SECTION), Advice()),
}


def render_denied(name: str, unknown_groups: Sequence[GroupId] = ()) -> Message:
    denied, advice = DENIED[name]
    return answers.render_denied(
        denied, what="deploy prod", channel_id="C0SUPPORT", advice=advice, unknown_groups=unknown_groups
    )


ANSWERS: dict[str, Callable[[], Message]] = {
    "busy": lambda: answers.render_busy(a_sight(BLOCKER)),
    "busy_for_long": lambda: answers.render_busy(a_sight(OTHERS["stuck"])),
    "busy_starting": lambda: answers.render_busy(a_sight(STATES["submitting"])),
    "already_asked": lambda: answers.render_already_asked(
        a_run(), "https://team.slack.example/archives/C0/p1"
    ),
    "already_running": lambda: answers.render_already_asked(a_running_run(), None),
    "following": lambda: answers.render_following(BLOCKER, "https://team.slack.example/archives/C0/p1"),
    "following_ended": lambda: answers.render_following(STATES["done"], None),
    "following_lost": lambda: answers.render_following(STATES["lost"], None),
    "nothing_to_follow": answers.render_nothing_to_follow,
    "ended_meanwhile": lambda: answers.render_ended_meanwhile(PROD, a_report(TaskStatus.COMPLETED)),
    "log": lambda: answers.render_log(STATES["failed"], LOG),
    "log_empty": lambda: answers.render_log(a_running_run(), TaskLog("", truncated=False)),
    "no_log": lambda: answers.render_no_log(a_run()),
    "log_unavailable": lambda: answers.render_log_unavailable(STATES["failed"], "server_unreachable"),
    "log_unanswered": lambda: answers.render_log_unavailable(STATES["failed"], None),
    "no_such_run": lambda: answers.render_no_such_run(RunId(99)),
    "hosting_unwell": lambda: answers.render_hosting_unwell(HostingUnavailableError("timeout")),
    "hosting_unwell_until": lambda: answers.render_hosting_unwell(
        HostingUnavailableError("429", retry_after=timedelta(seconds=42))
    ),
    "hosting_unwell_known": lambda: answers.render_hosting_unwell(
        HostingUnavailableError("blocked", code="ip_blocked")
    ),
    "hosting_refused": lambda: answers.render_hosting_unwell(
        HostingRefusedError(status=401, code="key_expired")
    ),
    "stale_button": answers.render_stale_button,
    "history_trouble": answers.render_history_trouble,
    "foreign_button": answers.render_foreign_button,
    "form_not_opened": lambda: answers.render_form_not_opened(buttons.DECLINE, "handle-of-a-run"),
    "broken": lambda: answers.render_broken("k7f2"),
    "card_refused": lambda: answers.render_card_refused("is_archived"),
    "not_in_channel": lambda: answers.render_card_refused("not_in_channel"),
    "card_refused_oddly": lambda: answers.render_card_refused("some_new_error"),
    "unknown_person": answers.render_unknown_person,
    "late_ask": lambda: answers.render_late_ask(
        "deploy prod", ask=ButtonId("ask-1"), age=timedelta(minutes=4, seconds=12)
    ),
    "late_approval": lambda: answers.render_late_approval(
        a_run(), terms="f00d", age=timedelta(minutes=4, seconds=12)
    ),
    "restarting": answers.render_restarting,
}


def test_environments_on_which_the_same_may_be_done_are_named_together() -> None:
    here = tuple(HereYouMay(("deploy", "restart"), f"e{number}") for number in range(8))
    said = say_here_you_may((*here, HereYouMay(("restart",), "prod")))
    assert said is not None
    assert said.startswith("Here you may: deploy, restart `e0`, `e1`, `e2`,")
    assert said.endswith("`e7`; restart `prod`.")


@pytest.mark.parametrize("reason", ["foreign_team", "guest", "bot", "deactivated"])
def test_outsider_hears_what_to_do_next(reason: str) -> None:
    said = render_denied(reason).text
    assert "Ask " in said or "The operators keep the rules" in said


def test_denial_that_may_hang_on_an_unknown_group_says_so() -> None:
    unknown = [GroupId("S0RELEASE")]
    shown = render_denied("no_rule", unknown)
    check_snapshot("denied/unknown_group", shown)
    outsider = render_denied("guest", unknown)
    assert "S0RELEASE" not in repr(outsider)


def test_denial_that_leans_on_members_learned_long_ago_says_when() -> None:
    learned = Advice(learned_at=((GroupId("S0RELEASE"), NOW),))
    denied = Denied("no_rule", SECTION)
    shown = answers.render_denied(denied, what="deploy prod", channel_id="C0SUPPORT", advice=learned)
    check_snapshot("denied/stale_group", shown)


@pytest.mark.parametrize("name", MISUNDERSTOOD)
def test_each_misunderstanding_is_as_kept(name: str) -> None:
    offers = ASKS if name in {"unknown_environment", "ambiguous_environment"} else ()
    shown = answers.render_misunderstood(MISUNDERSTOOD[name], asks=offers, here_you_may=HERE)
    check_snapshot(f"misunderstood/{name}", shown)


@pytest.mark.parametrize("name", MISUNDERSTOOD)
def test_each_misunderstanding_of_somebody_who_may_nothing_says_a_next_step(name: str) -> None:
    check_snapshot(f"misunderstood_bare/{name}", answers.render_misunderstood(MISUNDERSTOOD[name]))


@pytest.mark.parametrize("name", DENIED)
def test_each_denial_is_as_kept(name: str) -> None:
    check_snapshot(f"denied/{name}", render_denied(name))


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_is_as_kept(name: str) -> None:
    check_snapshot(f"answer/{name}", ANSWERS[name]())


@pytest.mark.parametrize("typed", ["deploy dev modules=", "reinit dev", "update dev mode=update_specific"])
@pytest.mark.parametrize("question", ["", "can "])
def test_form_that_is_named_where_modules_are_missing_is_understood(question: str, typed: str) -> None:
    catalog = Catalog((PROD, DEV))
    unclear = parse(question + typed, catalog)
    assert isinstance(unclear, MissingModules)
    shown = answers.render_misunderstood(
        unclear, here_you_may=(HereYouMay(("deploy", "update", "reinit"), "dev"),)
    )
    command = re.findall(r"/oec (.*?)`", shown.text)[0]
    understood = parse(command, catalog)
    assert isinstance(understood, ShowMay if question else ActionIntent)
    assert "sale" in str(understood)


def test_offers_are_buttons_of_their_own_ids() -> None:
    shown = answers.render_misunderstood(MISUNDERSTOOD["unknown_environment"], asks=ASKS)
    row = shown.blocks[-1]["elements"]
    assert [(one["action_id"], one["value"], one["text"]["text"]) for one in row] == [
        ("ask:0", "ask-prod-1", "prod"),
        ("ask:1", "ask-dev-1", "dev"),
    ]


def test_denial_names_people_without_calling_them() -> None:
    shown = render_denied("no_rule")
    assert find_pings(shown.blocks) == {"#C0SUPPORT", "#C0DEPLOYS", "#C0OPS"}


def test_denial_for_an_outsider_does_not_say_who_may() -> None:
    shown = render_denied("foreign_team")
    assert "releasers" not in repr(shown)


def test_log_shown_privately_is_masked_over_its_whole_length() -> None:
    key = f"{DASHES}BEGIN PRIVATE KEY{DASHES}\n" + "\n".join(["MIIabc" * 10] * 300)
    shown = answers.render_log(STATES["failed"], TaskLog(f"start\n{key}", truncated=True))
    assert "MIIabc" not in repr(shown)


def test_long_log_keeps_its_end() -> None:
    long = TaskLog("\n".join(f"line {number} {'x' * 300}" for number in range(500)), truncated=True)
    shown = answers.render_log(STATES["failed"], long)
    assert "line 499" in repr(shown)
    assert "line 400 " not in repr(shown)


def test_log_of_a_single_endless_line_keeps_its_end() -> None:
    endless = TaskLog("x " * 50_000 + "the end", truncated=True)
    assert "the end" in repr(answers.render_log(STATES["failed"], endless))


def test_many_offers_are_cut_to_a_few() -> None:
    many = [(ButtonId(f"ask-{n}"), replace(PROD, alias=f"prod-{n}")) for n in range(40)]
    shown = answers.render_misunderstood(MISUNDERSTOOD["unknown_environment"], asks=many)
    assert len(shown.blocks[-1]["elements"]) == 5


def test_busy_offers_to_follow_the_run_in_the_way() -> None:
    button = answers.render_busy(a_sight(BLOCKER)).blocks[-1]["elements"][0]
    assert (button["action_id"], button["value"]) == (buttons.FOLLOW, BLOCKER.handle)
