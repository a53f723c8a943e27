"""The doors to Slack and oec.sh: who is away is asked again, ever more seldom, and the operator hears of it."""

import asyncio
from datetime import timedelta

import pytest

from bot.adapters import LONGEST_HEEDED, _insist
from bot.core.errors import ChatRefusedError, ChatUnavailableError, HostingUnavailableError
from bot.core.spacing import Spacing
from tests.slack.side_door import until

QUICK = Spacing(first=timedelta(milliseconds=5), longest=timedelta(milliseconds=20))


class Asked:
    """Answers after some failures."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)

    async def __call__(self) -> str:
        if self._failures:
            raise self._failures.pop(0)
        return "well"


async def test_answer_at_once_is_not_talked_about() -> None:
    told: list[str] = []
    assert await _insist(Asked(), "Slack", told.append, QUICK) == "well"
    assert told == []


async def test_one_who_is_away_is_asked_again_and_said_so() -> None:
    told: list[str] = []
    asked = Asked(
        ChatUnavailableError("service_unavailable"),
        HostingUnavailableError("timeout"),
        ChatUnavailableError("ratelimited", retry_after=timedelta(milliseconds=1)),
    )
    assert await _insist(asked, "Slack", told.append, QUICK) == "well"
    assert [line.split(". ")[0] for line in told] == [
        "Slack is out of reach (service_unavailable)",
        "Slack is out of reach (timeout)",
        "Slack is out of reach (ratelimited)",
    ]


async def test_refusal_is_not_insisted_on() -> None:
    told: list[str] = []
    with pytest.raises(ChatRefusedError):
        await _insist(Asked(ChatRefusedError("invalid_auth")), "Slack", told.append, QUICK)
    assert told == []


async def test_wait_of_hours_that_is_asked_for_is_not_waited_out() -> None:
    told: list[str] = []
    asked = Asked(ChatUnavailableError("ratelimited", retry_after=timedelta(hours=9)))
    insisting = asyncio.create_task(_insist(asked, "Slack", told.append, QUICK))
    await until(lambda: told)
    insisting.cancel()
    assert told == [
        f"Slack is out of reach (ratelimited). I keep trying, next in {LONGEST_HEEDED.total_seconds():.0f} s."
    ]
