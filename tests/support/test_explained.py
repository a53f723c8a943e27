"""The witness of decisions finds what it is there for."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.entries import ApprovalRenewed, Asked, Consented, Entry, RulesChanged, Sent, Started, Voted
from bot.core.names import IdempotencyKey, TaskId, UserId
from bot.core.runs import RunState
from bot.history.store import HistoryStore
from bot.sim.hosting.front import SeenRequest
from tests.history.values import ANA, BEN, a_run
from tests.support.explained import find_flaw, find_unexplained

CLEO = UserId("U0CLEO")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
RULE = "channels.C0DEPLOYS[0]"
ALLOWED = Asked(ANA, "restart prod", RULE, "allowed", 3, "d1")
ASKED = Asked(ANA, "deploy prod", RULE, "needs_approval", 3, "d1", "approvals[0]")
GRANTED = Voted(BEN, "granted", None, "approvals[0]", 9, "d1")
FIRST = Consented(CLEO, 1, 2, "approvals[0]", 9, "d1")
RENEWED = ApprovalRenewed("approvals[0]", 9, "d2", (CLEO,))
SENT = Sent(IdempotencyKey("key"))
STARTED = Started(TaskId("task"))


@pytest.mark.parametrize(
    "entries",
    [
        [ALLOWED, SENT, STARTED],
        [ASKED, GRANTED, SENT],
        [ASKED, FIRST, GRANTED, SENT],
        [ASKED, RENEWED, FIRST, GRANTED, SENT],
    ],
)
def test_run_that_a_decision_allowed_is_explained(entries: list[Entry]) -> None:
    assert find_flaw(entries, {"d1"}) is None


@pytest.mark.parametrize(
    ("entries", "flaw"),
    [
        ([ALLOWED, STARTED], "never recorded as sent"),
        ([SENT, ALLOWED], "before it was asked for"),
        ([STARTED, SENT], "before it was asked for"),
        ([ASKED, SENT, GRANTED], "nobody had granted it"),
        ([ASKED, Voted(BEN, "declined", None, "approvals[0]", 9, "d1"), SENT], "nobody had granted it"),
        ([ASKED, FIRST, SENT], "nobody had granted it"),
        ([ASKED, FIRST, Voted(CLEO, "granted", None, "a", 9, "d1"), SENT], "nobody had granted it"),
        ([Asked(ANA, "x", RULE, "denied", 3, "d1"), SENT], "the decision was 'denied'"),
        ([Asked(ANA, "x", RULE, "denied", 3, "d1"), GRANTED, SENT], "the decision was 'denied'"),
        ([Asked(ANA, "x", RULE, "allowed"), SENT], "no version of the rules"),
        ([Asked(ANA, "x", "", "allowed", 3, "d1"), SENT], "by no rule"),
        ([ASKED, Voted(BEN, "granted", None, "approvals[0]"), SENT], "no version of the rules"),
        ([Asked(ANA, "x", RULE, "allowed", 3, "d9"), SENT], "rules that were never recorded: d9"),
    ],
)
def test_run_that_no_decision_allowed_is_not(entries: list[Entry], flaw: str) -> None:
    assert flaw in str(find_flaw(entries, {"d1"}))


async def test_posts_are_held_against_the_record(tmp_path: Path) -> None:
    store = HistoryStore.open(tmp_path / "oec-bot.db")
    await store.record_entry(None, RulesChanged("oec.yml", "d1"), NOW)
    run = await store.record_run(a_run(state=RunState.ACCEPTED), None, ALLOWED)
    assert run is not None
    await store.record_entry(run.id, SENT, NOW)
    store.close()

    def found(method: str, key: str | None, *own: str) -> list[str]:
        seen = SeenRequest(1, NOW, method, "/environments/e/deploy", "", None, key, None)
        return find_unexplained([seen], tmp_path, of_tests=own)

    assert found("POST", "key") == []
    assert found("GET", None) == []
    assert found("POST", "mine", "mine") == []
    assert len(found("POST", "other")) == len(found("POST", None)) == 1


def test_post_without_any_record_is_found(tmp_path: Path) -> None:
    seen = SeenRequest(1, NOW, "POST", "/environments/e/deploy", "", None, "key", None)
    assert len(find_unexplained([seen], tmp_path)) == 1
