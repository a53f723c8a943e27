"""When a socket cannot be had: how many tickets are asked for, and what the operator hears."""

from datetime import timedelta

import pytest

from bot.core.errors import ChatRefusedError, ChatUnavailableError
from bot.core.spacing import Spacing
from bot.slack.connection import Watchfulness
from bot.slack.deafness import Bulletin, Pauses, Trouble

LINK_DISABLED = Trouble("link_disabled")
AWAY = Trouble("service_unavailable")
REVOKED = Trouble.from_error(ChatRefusedError("token_revoked"))


@pytest.fixture
def pauses() -> Pauses:
    """As the bot makes them."""
    how = Watchfulness()
    return Pauses(how.spacing, how.helpless)


def count_tickets(pauses: Pauses, trouble: Trouble, *, minutes: float) -> int:
    """How often a ticket is asked for while every try ends in the same trouble."""
    now, tickets = 0.0, 0
    while now < minutes * 60:
        tickets += 1
        pauses.note(trouble, now)
        now += pauses.left(now)
    return tickets


@pytest.mark.parametrize(
    ("trouble", "minutes", "most"),
    [
        (AWAY, 1, 7),
        (AWAY, 60, 66),
        (Trouble("the socket was refused with http_403"), 60, 66),
        (LINK_DISABLED, 5, 3),
        (LINK_DISABLED, 60, 14),
        (Trouble("too_many_websockets"), 60, 14),
        (REVOKED, 60, 14),
        (Trouble.from_error(ChatUnavailableError("ratelimited", retry_after=timedelta(minutes=2))), 60, 30),
        (Trouble.from_error(ChatUnavailableError("ratelimited", retry_after=timedelta(hours=9))), 60, 12),
    ],
)
def test_lasting_trouble_asks_for_few_tickets_and_never_gives_up(
    pauses: Pauses, trouble: Trouble, minutes: float, most: int
) -> None:
    assert most / 2 < count_tickets(pauses, trouble, minutes=minutes) <= most


def test_two_sockets_that_end_at_once_are_one_failure(pauses: Pauses) -> None:
    pauses.note(LINK_DISABLED, 100)
    pauses.note(LINK_DISABLED, 100)
    assert pauses.left(100) == 60


def test_trouble_after_a_steady_socket_is_a_new_one(pauses: Pauses) -> None:
    for now in (0.0, 1.0, 3.0, 7.0):
        pauses.note(AWAY, now)
    assert pauses.left(7) == 8
    pauses.clear(held_since=15)
    pauses.note(AWAY, 500)
    assert pauses.left(500) == 1


def test_steady_socket_from_before_does_not_make_tries_for_another_one_frequent(pauses: Pauses) -> None:
    """With one socket well and the other one refused again and again, tries must grow apart all the same."""
    for now in (100.0, 101.0, 103.0, 107.0):
        pauses.note(AWAY, now)
        pauses.clear(held_since=0)
    assert pauses.left(107) == 8


def test_spacing_that_is_given_is_kept_to() -> None:
    pauses = Pauses(Spacing(timedelta(seconds=2)), Spacing(timedelta(seconds=9)))
    pauses.note(AWAY, 0)
    assert pauses.left(1) == 1


def test_operator_hears_of_a_trouble_once_of_another_one_and_of_the_end() -> None:
    told: list[str] = []
    bulletin = Bulletin(told.append)
    bulletin.tell_well(after=timedelta(0))
    for trouble in (LINK_DISABLED, LINK_DISABLED, REVOKED, REVOKED):
        bulletin.tell(trouble, hears=False)
    for _ in range(2):
        bulletin.tell_well(after=timedelta(minutes=12))
    assert len(told) == 3
    assert told[0].startswith("Slack has switched Socket Mode off for this app.")
    assert told[1].startswith("Slack no longer takes SLACK_APP_TOKEN (token_revoked).")
    assert told[2] == "I hear Slack again, after 12 min."


def test_operator_hears_when_the_last_socket_goes_too() -> None:
    told: list[str] = []
    bulletin = Bulletin(told.append)
    bulletin.tell(REVOKED, hears=True)
    bulletin.tell(REVOKED, hears=False)
    assert [("still hear" in line, "hear nobody" in line) for line in told] == [(True, False), (False, True)]
    bulletin.tell(REVOKED, hears=True)
    bulletin.tell_well(after=timedelta(0))
    assert told[-1] == "Slack opens sockets for me again."
