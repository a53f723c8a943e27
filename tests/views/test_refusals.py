"""Every code has its sentence and its next step."""

import pytest

from bot.core.tasks import Refusal
from bot.views.refusals import PLATFORM_REASONS, as_sentence, explain, explain_drop
from tests.views.scenes import DEPLOY_PROD

DOCUMENTED = (
    "unsupported_mode",
    "modules_required",
    "missing_auth",
    "invalid_key_format",
    "invalid_key",
    "key_expired",
    "subscription_blocked",
    "read_only_key",
    "plan_feature_required",
    "project_scoped_key",
    "org_scope_required",
    "not_found",
    "task_in_progress",
    "concurrent_action",
    "environment_not_running",
    "environment_not_stopped",
    "environment_unassigned",
    "rate_limit_exceeded",
    "target_rate_limit",
    "webhook_mutation_rate_limit",
    "ip_blocked",
    "server_unreachable",
    "metrics_unavailable",
    "enqueue_failed",
    "docker_timeout",
    "validation_error",
)
"""The codes of oec.sh's error table."""

DROPS = (
    "restarted",
    "shown_late",
    "rules_changed",
    "requester_may_not",
    "not_in_channel",
    "channel_not_found",
    "is_archived",
    "restricted_action",
)


@pytest.mark.parametrize("code", DOCUMENTED)
def test_documented_code_has_its_own_sentence_and_next_step(code: str) -> None:
    explanation = explain(Refusal(code), DEPLOY_PROD)
    assert code in PLATFORM_REASONS
    assert code not in explanation.why
    assert len(explanation.next.split()) > 2
    assert "{" not in explanation.why + explanation.next


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 422, 429])
def test_status_without_a_code_still_says_something(status: int) -> None:
    explanation = explain(Refusal(f"http_{status}"), DEPLOY_PROD)
    assert "no words for" not in explanation.why
    assert explanation.next


def test_unknown_code_is_named_and_its_text_quoted() -> None:
    explanation = explain(Refusal("quantum_flux", "The flux is <!channel> quantum"), DEPLOY_PROD)
    assert "`quantum＿flux`" in explanation.why or "`quantum_flux`" in explanation.why
    assert "&lt;!channel&gt;" in explanation.why
    assert "/oec status prod" in explanation.next


def test_text_of_a_refusal_is_masked() -> None:
    assert "hunter2" not in explain(Refusal("http_403", "password=hunter2")).why


def test_next_step_without_a_change_names_no_environment() -> None:
    assert "`/oec status`" in explain(Refusal("concurrent_action")).next
    assert "prod" not in explain(Refusal("environment_not_running")).next


@pytest.mark.parametrize("reason", DROPS)
def test_each_reason_not_to_send_has_its_own_sentence(reason: str) -> None:
    explanation = explain_drop(reason, DEPLOY_PROD)
    assert "no words for" not in explanation.why
    assert explanation.next


def test_unknown_reason_not_to_send_is_named() -> None:
    assert "`odd_error`" in explain_drop("odd_error").why


def test_sentence_begins_large_and_ends_with_a_stop() -> None:
    first, second = as_sentence(explain(Refusal("environment_not_running"), DEPLOY_PROD)).split("\n")
    assert first == "The environment is not running."
    assert second.endswith(".")


@pytest.mark.parametrize("code", DOCUMENTED)
def test_nothing_is_to_be_tried_later_without_when(code: str) -> None:
    assert "later" not in explain(Refusal(code)).next
