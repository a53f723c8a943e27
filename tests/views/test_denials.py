from typing import get_args

import pytest

from bot.core.policy import DeniedReason, Lacking
from bot.views.denials import REASONS, describe_reason, say_lacking, say_nobody, say_reason, say_refusal
from tests.views.scenes import DEPLOYS
from tests.views.snapshots import check_words


def test_every_reason_of_the_policy_has_its_words_and_no_other() -> None:
    assert {*REASONS} == {*get_args(DeniedReason)}


def test_each_reason_reads_as_it_should() -> None:
    check_words("denials", {reason: tell_everywhere(reason) for reason in REASONS})


def tell_everywhere(reason: str) -> dict[str, str | None]:
    """All that is said of one reason."""
    return {
        "to whoever asked": say_refusal(reason, "deploy prod", DEPLOYS),
        "said before": say_reason(reason, DEPLOYS, is_own=True),
        "of somebody else": say_reason(reason, DEPLOYS, is_own=False),
        "where nobody may": say_nobody(reason, withheld=False),
        "in a terminal": describe_reason(reason, DEPLOYS),
    }


def test_part_that_is_not_allowed_is_told_with_what_can_be_done_without_it() -> None:
    both = ("deploy", "update_all")
    assert say_lacking(Lacking(both, ("update_all",)), is_own=True) == (
        "It is `deploy` and `update_all` at once, and you may not `update_all`. "
        "Naming the modules, instead of all, takes `deploy` alone."
    )
    assert say_lacking(Lacking(both, ("deploy",)), is_own=False) == (
        "It is `deploy` and `update_all` at once, and they may not `deploy`."
    )
    assert say_lacking(None, is_own=True) is None


@pytest.mark.parametrize("reason", get_args(DeniedReason))
def test_reason_in_a_terminal_is_one_clause_without_signs_of_slack(reason: str) -> None:
    said = describe_reason(reason, DEPLOYS)
    assert said[0].islower()
    assert not {*".<>*"} & {*said}


def test_reason_of_an_earlier_version_is_told_as_a_missing_rule() -> None:
    assert describe_reason("long_forgotten", DEPLOYS) == describe_reason("no_rule", DEPLOYS)
