"""Links to messages, in each view that has one: where the address leads nowhere, no words are left that name one."""

import dataclasses
from collections.abc import Callable

import pytest

from bot.core.names import RunId
from bot.core.pre_flight import OpenTask
from bot.views import answers
from bot.views.accounts import render_account
from bot.views.message import Message
from bot.views.pleas import render_pleaded, render_pleaded_already
from bot.views.runs import render_card, render_run
from tests.views.scenes import a_run, a_running_run, a_sight
from tests.views.test_explaining import ASKED, account
from tests.views.test_marked import HERE, HOSTILE
from tests.views.test_pleas import PLEA
from tests.views.test_pre_flight import AT, looked_at

LINKED: dict[str, Callable[[str | None], Message]] = {
    "why": lambda url: render_account(account(ASKED), link_to_card=url),
    "run": lambda url: render_run(a_sight(a_running_run()), link=url),
    "following": lambda url: answers.render_following(a_running_run(), url),
    "already_asked": lambda url: answers.render_already_asked(a_run(), url),
    "pleaded": lambda url: render_pleaded(PLEA, url),
    "pleaded_already": lambda url: render_pleaded_already(PLEA, url),
    "own_task_in_the_way": lambda url: render_card(
        a_sight(looked_at(open_task=OpenTask("restart", AT, run_id=RunId(41), link=url)))
    ),
}
"""Every view that is given the address of a message."""
LABELS = ("ts card in the channel", "See it there")


def read(shown: Message) -> str:
    """All that is in a message, as it goes to Slack."""
    return str(dataclasses.asdict(shown))


@pytest.mark.parametrize("name", LINKED)
@pytest.mark.parametrize("url", ["https://team.slack.example/archives/C0/p1", HERE[0]])
def test_address_of_a_message_is_linked(name: str, url: str) -> None:
    assert f"<{url}|" in read(LINKED[name](url))


@pytest.mark.parametrize("name", LINKED)
@pytest.mark.parametrize("url", HOSTILE)
def test_address_that_leads_nowhere_leaves_neither_link_nor_dead_words(name: str, url: str) -> None:
    assert LINKED[name](url) == LINKED[name](None)
    assert not any(label in read(LINKED[name](url)) for label in LABELS)


@pytest.mark.parametrize("name", ["following", "already_asked"])
def test_answer_that_cannot_link_to_a_card_says_how_to_see_it(name: str) -> None:
    assert "See it with `/oec run 42`" in read(LINKED[name]("http://erp.example/archives/C0/p1"))
