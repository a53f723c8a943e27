"""Who is who: asked once, remembered, and served stale when Slack is unwell."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.errors import ChatRefusedError, ChatUnavailableError
from bot.core.names import ChannelId, GroupId, MessageTs, TeamId, UserId
from bot.core.policy import Person
from bot.core.request import Place
from bot.flow.background import Background
from bot.flow.ports import GroupMembers, MessageRef
from bot.sim.workspace.entities import User
from bot.slack.people import STALE_FOR, ChannelFacts, Remembered, person_from_payload
from bot.slack.publisher import Publisher
from bot.views.message import Message
from tests.slack.conftest import QUICK, MakePublisher
from tests.slack.side_door import RANDOM, SideDoor

ANA, GUS = UserId("U0ANA"), UserId("U0GUS")
RELEASERS = GroupId("S0RELEASE")
FLEETING = replace(QUICK, names=timedelta(0), groups=timedelta(0))


async def test_person_is_known_with_team_and_time_zone(publisher: Publisher) -> None:
    person = (await publisher.fetch_person(ANA)).person
    assert (person.user_id, person.team_id, person.time_zone) == (ANA, "T0ACME", "Europe/Madrid")
    assert (person.is_guest, person.is_bot, person.is_deactivated) == (False, False, False)


async def test_guest_is_a_guest(publisher: Publisher) -> None:
    assert (await publisher.fetch_person(GUS)).person.is_guest


async def test_person_of_another_team_keeps_it(publisher: Publisher, door: SideDoor) -> None:
    door.server.workspace.put_user(User("U0EVE", "eve", "Eve", team_id="T0CLIENT"))
    person = (await publisher.fetch_person(UserId("U0EVE"))).person
    assert (person.team_id, person.is_guest) == ("T0CLIENT", True)


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({"is_restricted": True}, {"is_guest": True}),
        ({"is_ultra_restricted": True}, {"is_guest": True}),
        ({"is_stranger": True}, {"is_guest": True}),
        ({"is_bot": True}, {"is_bot": True}),
        ({"deleted": True}, {"is_deactivated": True}),
        ({"tz": None}, {"time_zone": None}),
        ({"tz": 3600}, {"time_zone": None}),
        ({}, {}),
    ],
)
def test_marks_of_slack_are_read(user: dict[str, Any], expected: dict[str, Any]) -> None:
    person = person_from_payload(ANA, user | {"team_id": "T0ACME"})
    assert person == replace(Person(ANA, TeamId("T0ACME")), **expected)


def test_slackbot_is_a_bot_though_slack_denies_it() -> None:
    assert person_from_payload(UserId("USLACKBOT"), {"is_bot": False}).is_bot


async def test_unknown_person_is_refused(publisher: Publisher) -> None:
    with pytest.raises(ChatRefusedError, match="user_not_found"):
        await publisher.fetch_person(UserId("U0NOBODY"))


async def test_group_is_known_by_its_members(publisher: Publisher) -> None:
    assert await publisher.fetch_group(RELEASERS) == GroupMembers(
        frozenset({UserId("U0ANA"), UserId("U0BEN")})
    )


async def test_group_on_a_free_plan_is_refused(publisher: Publisher, door: SideDoor) -> None:
    await door.fault("error", method="usergroups.users.list", error="plan_upgrade_required")
    with pytest.raises(ChatRefusedError, match="plan_upgrade_required"):
        await publisher.fetch_group(RELEASERS)


async def test_channel_is_known_with_name_and_membership(publisher: Publisher) -> None:
    random = ChannelId(RANDOM)
    assert await publisher.fetch_channel(random) == ChannelFacts(
        random, "random", has_bot=False, is_archived=False
    )


async def test_permalink_is_asked_once(publisher: Publisher, door: SideDoor) -> None:
    ref = await publisher.post(Place(ChannelId("C0DEPLOYS")), Message("here"))
    link = await publisher.fetch_permalink(ref)
    assert ref.ts.replace(".", "") in link
    assert await publisher.fetch_permalink(ref) == link
    assert len(door.calls("chat.getPermalink")) == 1


async def test_permalink_to_nothing_is_refused(publisher: Publisher) -> None:
    with pytest.raises(ChatRefusedError, match="message_not_found"):
        await publisher.fetch_permalink(MessageRef(ChannelId("C0DEPLOYS"), MessageTs("1.000000")))


async def test_questions_asked_at_once_are_one_call(publisher: Publisher, door: SideDoor) -> None:
    answers = await asyncio.gather(*(publisher.fetch_group(RELEASERS) for _ in range(20)))
    assert {answer.users for answer in answers} == {frozenset({"U0ANA", "U0BEN"})}
    assert len(door.calls("usergroups.users.list")) == 1


async def test_answer_is_remembered(publisher: Publisher, door: SideDoor) -> None:
    for _ in range(3):
        await publisher.fetch_person(ANA)
    assert len(door.calls("users.info")) == 1


async def test_old_answer_is_asked_anew(make_publisher: MakePublisher, door: SideDoor) -> None:
    publisher = make_publisher(patience=FLEETING)
    await publisher.fetch_group(RELEASERS)
    group = door.server.workspace.groups["S0RELEASE"]
    door.server.workspace.put_group(replace(group, users=("U0CLEO",)))
    assert await publisher.fetch_group(RELEASERS) == GroupMembers(frozenset({UserId("U0CLEO")}))


async def test_members_that_slack_does_not_tell_anew_say_how_old_they_are(
    make_publisher: MakePublisher, door: SideDoor
) -> None:
    publisher = make_publisher(patience=FLEETING)
    known = await publisher.fetch_group(RELEASERS)
    await door.fault("error", method="usergroups.users.list", error="internal_error")
    old = await publisher.fetch_group(RELEASERS)
    assert known.stale_for is None
    assert old.users == known.users
    assert old.stale_for is not None
    assert timedelta(0) <= old.stale_for < timedelta(hours=1)


@pytest.mark.parametrize("error", ["internal_error", "ratelimited"])
async def test_old_answer_stands_in_when_slack_is_unwell(
    make_publisher: MakePublisher, door: SideDoor, error: str
) -> None:
    publisher = make_publisher(patience=FLEETING)
    known = await publisher.fetch_person(ANA)
    await door.fault("error", method="users.info", error=error)
    old = await publisher.fetch_person(ANA)
    assert old.person == known.person
    assert known.stale_for is None
    assert old.stale_for is not None
    assert len(door.calls("users.info")) == 2


async def test_first_answer_that_does_not_come_is_unavailable(publisher: Publisher, door: SideDoor) -> None:
    await door.fault("error", method="users.info", error="internal_error")
    with pytest.raises(ChatUnavailableError):
        await publisher.fetch_person(ANA)
    assert (await publisher.fetch_person(ANA)).person.user_id == ANA


async def test_person_slack_no_longer_knows_is_forgotten(
    make_publisher: MakePublisher, door: SideDoor
) -> None:
    publisher = make_publisher(patience=FLEETING)
    await publisher.fetch_person(ANA)
    await door.fault("error", method="users.info", error="user_not_found")
    with pytest.raises(ChatRefusedError):
        await publisher.fetch_person(ANA)
    await door.fault("error", method="users.info", error="internal_error")
    with pytest.raises(ChatUnavailableError):
        await publisher.fetch_person(ANA)


# The memory itself


class Source:
    """Answers as it is told; `gate` holds an answer back until it is opened."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_unwell = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def fetch(self, key: str) -> str:
        self.asked += 1
        await self.gate.wait()
        if self.is_unwell:
            raise ChatUnavailableError("unwell")
        return f"{key} {self.asked}"


class Clock:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at

    def forward(self, span: timedelta) -> None:
        self.at += span.total_seconds()


def remember(source: Source, clock: Clock, *, capacity: int = 10) -> Remembered[str, str]:
    return Remembered(
        source.fetch,
        Background(),
        fresh_for=timedelta(minutes=1),
        clock=clock,
        patience=0.01,
        capacity=capacity,
    )


async def test_slow_answer_is_not_waited_for_where_an_old_one_will_do() -> None:
    source, clock = Source(), Clock()
    remembered = remember(source, clock)
    assert await remembered.get("ana") == "ana 1"
    clock.forward(timedelta(minutes=2))
    source.gate.clear()
    assert await remembered.get("ana") == "ana 1"
    source.gate.set()
    async with asyncio.timeout(30):
        while await remembered.get("ana") == "ana 1":
            pass
    assert source.asked == 2


async def test_answer_asked_for_anew_is_of_this_second() -> None:
    source, clock = Source(), Clock()
    remembered = remember(source, clock)
    assert await remembered.recall("ana") == ("ana 1", None)
    clock.forward(timedelta(seconds=0.5))
    assert await remembered.recall("ana", anew=True) == ("ana 1", None)
    clock.forward(timedelta(seconds=0.5))
    assert await remembered.recall("ana") == ("ana 1", None)
    assert await remembered.recall("ana", anew=True) == ("ana 2", None)
    source.is_unwell = True
    clock.forward(timedelta(seconds=5))
    assert await remembered.recall("ana", anew=True) == ("ana 2", timedelta(seconds=5))


async def test_answer_that_is_too_old_stands_in_for_nothing() -> None:
    source, clock = Source(), Clock()
    remembered = remember(source, clock)
    await remembered.get("ana")
    source.is_unwell = True
    clock.forward(STALE_FOR - timedelta(seconds=1))
    assert await remembered.get("ana") == "ana 1"
    clock.forward(timedelta(seconds=2))
    with pytest.raises(ChatUnavailableError):
        await remembered.get("ana")


async def test_asker_who_goes_away_does_not_spoil_it_for_others() -> None:
    source = Source()
    source.gate.clear()
    remembered = remember(source, Clock())
    leaving, staying = (asyncio.create_task(remembered.get("ana")) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    source.gate.set()
    assert await staying == "ana 1"
    assert source.asked == 1


async def test_memory_is_bounded() -> None:
    source = Source()
    remembered = remember(source, Clock(), capacity=2)
    for key in ("a", "b", "c", "c", "b", "a"):
        await remembered.get(key)
    assert source.asked == 4
