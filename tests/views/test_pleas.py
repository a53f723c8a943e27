"""Pleas: their message in every state, and what the one who made it, or pressed on it, is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.intents import Change
from bot.core.names import Action, ButtonId, ChannelId, PleaNumber, RunId, TeamId
from bot.core.pleas import Opening, Plea, PleaState, take
from bot.core.rules import RuleSource
from bot.views import pleas as views
from bot.views.message import Message
from tests.support.block_limits import find_pings
from tests.views.scenes import ANA, BEN, DEPLOYS, EVA, NOW, PROD
from tests.views.snapshots import check_snapshot

RULE = RuleSource("channels.C0DEPLOYS[0]", 15)
TO_RELEASERS = Opening(DEPLOYS, "releasers", RULE, users=(BEN,))
PLEA = Plea(
    id=ButtonId("plea-opaque-0001"),
    by=EVA,
    team_id=TeamId("T0TEAM"),
    change=Change(Action.DEPLOY, PROD, modules=("sale", "stock")),
    asked_in=ChannelId("C0SUPPORT"),
    openings=(TO_RELEASERS,),
    asked_at=NOW,
    expires_at=NOW + timedelta(hours=1),
    number=PleaNumber(7),
)
TAKEN = take(PLEA, ANA, RunId(43))
EXPIRED = replace(PLEA, state=PleaState.EXPIRED)
WITHDRAWN = replace(PLEA, state=PleaState.WITHDRAWN)
TO_EVERYONE = replace(PLEA, openings=(replace(TO_RELEASERS, to="everyone", users=()),))
AT_NIGHT = replace(PLEA, openings=(replace(TO_RELEASERS, users=(), is_night=True),))
URL = "https://team.slack.example/archives/C0/p1"

SHOWN: dict[str, Callable[[], Message]] = {
    "open": lambda: views.render_plea(PLEA),
    "open_to_everyone": lambda: views.render_plea(TO_EVERYONE),
    "open_at_night": lambda: views.render_plea(AT_NIGHT),
    "taken": lambda: views.render_plea(TAKEN),
    "expired": lambda: views.render_plea(EXPIRED),
    "withdrawn": lambda: views.render_plea(WITHDRAWN),
    "pleaded_at_night": lambda: views.render_pleaded(AT_NIGHT, URL),
    "pleaded": lambda: views.render_pleaded(PLEA, URL),
    "pleaded_but_not_shown_yet": lambda: views.render_pleaded(TO_EVERYONE, None),
    "pleaded_already_and_taken": lambda: views.render_pleaded_already(TAKEN, URL),
    "pleaded_already": lambda: views.render_pleaded_already(PLEA, URL),
    "person_asked_often": lambda: views.render_person_asked_often(NOW + timedelta(minutes=12)),
    "channel_asked_often": lambda: views.render_channel_asked_often(DEPLOYS, NOW + timedelta(minutes=12)),
    "nobody_to_ask": lambda: views.render_nobody_to_ask("deploy prod"),
    "may_oneself": lambda: views.render_may_oneself("deploy prod"),
    "may_oneself_by_now": lambda: views.render_may_oneself("deploy prod", PLEA),
    "not_placed": lambda: views.render_not_placed(PLEA),
    "own": lambda: views.render_own_plea(PLEA),
    "over_taken": lambda: views.render_plea_over(TAKEN),
    "over_expired": lambda: views.render_plea_over(EXPIRED),
    "over_withdrawn": lambda: views.render_plea_over(WITHDRAWN),
    "taken_back": lambda: views.render_plea_taken_back(WITHDRAWN),
    "not_yours": lambda: views.render_not_your_plea(PLEA),
    "late": views.render_late_plea,
    "outdated": lambda: views.render_plea_outdated(PLEA),
}


@pytest.mark.parametrize("name", SHOWN)
def test_each_is_as_kept(name: str) -> None:
    check_snapshot(f"pleas/{name}", SHOWN[name]())


def test_open_plea_calls_those_who_may_and_no_others() -> None:
    shown = views.render_plea(PLEA)
    assert find_pings([shown.text, *shown.blocks]) == {f"@{EVA}", f"@{BEN}"}
    everyone = views.render_plea(TO_EVERYONE)
    assert find_pings([everyone.text, *everyone.blocks]) == {f"@{EVA}"}


@pytest.mark.parametrize("plea", [TAKEN, EXPIRED, WITHDRAWN])
def test_plea_that_is_over_has_no_button(plea: Plea) -> None:
    assert "actions" not in {block["type"] for block in views.render_plea(plea).blocks}
