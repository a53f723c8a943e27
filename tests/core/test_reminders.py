from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.approvals import CLAIM_HOLDS, Approval, ApprovalState, advance
from bot.core.entries import ApprovalEscalated, ApprovalRenewed, ApproversReminded, Entry, RecordedEntry
from bot.core.names import ApprovalId, GroupId, RunId, UserId
from bot.core.policy import Membership, Person
from bot.core.policy.people import as_escalated
from bot.core.reminders import (
    MOST_CALLED,
    Call,
    Night,
    Occasion,
    as_move,
    find_candidates,
    find_due,
    find_half_time,
    find_morning,
    find_planned,
    is_asleep,
    is_put_off,
    plan_call,
)
from bot.core.rules import ApprovalRule, Escalation, People, QuietHours
from tests.core.samples import CLEO, EVERYONE, GUS, HOME, NOON_AT, PROD, RELEASE, RELEASERS, approval

ANA = Person(UserId("U0ANA"), HOME, time_zone="Asia/Tokyo")
BEN = Person(UserId("U0BEN"), HOME, time_zone="Europe/Berlin")
ELI = Person(UserId("U0ELI"), HOME, time_zone="America/New_York")
DORA = Person(UserId("U0DORA"), HOME, time_zone="Europe/Madrid")
FAY = Person(UserId("U0FAY"), HOME)

LEAD = GroupId("S0LEADS")
LEADS = People("leads", groups=frozenset({LEAD}))
MEMBERSHIP = Membership(
    HOME,
    {
        RELEASE: frozenset({ANA.user_id, BEN.user_id, ELI.user_id}),
        LEAD: frozenset({DORA.user_id, BEN.user_id}),
    },
)
RULE = replace(
    approval("deploy", on=(PROD,)),
    escalate=Escalation(LEADS, timedelta(minutes=10)),
    expires=timedelta(minutes=20),
)
QUIET = QuietHours()
AFTERNOON_AT = NOON_AT + timedelta(hours=2, minutes=30)
"""23:30 in Tokyo, 16:30 in Berlin, 10:30 in New York."""

WAITING = Approval(
    id=ApprovalId("a1"),
    run_id=RunId(42),
    requester=CLEO.user_id,
    approvers="releasers",
    rule_path="approvals[0]",
    fingerprint="f",
    asked_at=AFTERNOON_AT,
    expires_at=AFTERNOON_AT + timedelta(minutes=20),
    remind_at=AFTERNOON_AT + timedelta(minutes=10),
    escalate_to="leads",
    escalate_at=AFTERNOON_AT + timedelta(minutes=12),
)


def plan(
    *candidates: Person,
    of: Approval = WAITING,
    occasion: Occasion = Occasion.HALF_TIME,
    rule: ApprovalRule = RULE,
    now: datetime = AFTERNOON_AT,
) -> Call | Night:
    """Whom of these people to call."""
    return plan_call(of, occasion, candidates, rule=rule, membership=MEMBERSHIP, quiet=QUIET, now=now)


def remind(of: Approval, planned: Call | Night, now: datetime) -> Approval:
    """After the call at half-time."""
    return advance(of, as_move(Occasion.HALF_TIME, planned), now)


def escalate(of: Approval, planned: Call | Night, now: datetime) -> Approval:
    """After the call to the others."""
    return advance(of, as_move(Occasion.ESCALATION, planned), now)


def due(of: Approval, *, minutes: float) -> tuple[Occasion, ...]:
    """What is due so many minutes after the ask."""
    return find_due(of, AFTERNOON_AT + timedelta(minutes=minutes))


# When


def test_half_time_is_in_the_middle_of_the_time_to_decide() -> None:
    assert find_half_time(WAITING) == AFTERNOON_AT + timedelta(minutes=10)
    renewed = replace(WAITING, renewed_at=AFTERNOON_AT + timedelta(minutes=4))
    assert find_half_time(renewed) == AFTERNOON_AT + timedelta(minutes=12)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (9.9, ()),
        (10, (Occasion.HALF_TIME,)),
        (12, (Occasion.HALF_TIME, Occasion.ESCALATION)),
        (19.9, (Occasion.HALF_TIME, Occasion.ESCALATION)),
        (20, ()),
        (2_000, ()),
    ],
)
def test_calls_are_due_from_their_moment_to_the_end(minutes: float, expected: tuple[Occasion, ...]) -> None:
    assert due(WAITING, minutes=minutes) == expected


@pytest.mark.parametrize("state", [state for state in ApprovalState if state is not ApprovalState.WAITING])
def test_nobody_is_called_for_what_is_decided(state: ApprovalState) -> None:
    assert due(replace(WAITING, state=state), minutes=15) == ()


def test_approval_of_an_older_version_without_moments_calls_nobody() -> None:
    old = replace(WAITING, remind_at=None, escalate_to=None, escalate_at=None)
    assert due(old, minutes=15) == ()


def test_each_call_is_due_once() -> None:
    now = AFTERNOON_AT + timedelta(minutes=13)
    reminded = remind(WAITING, Call((BEN.user_id,)), now)
    assert reminded.reminded_at == now
    assert due(reminded, minutes=15) == (Occasion.ESCALATION,)
    escalated = escalate(reminded, Call((DORA.user_id,)), now)
    assert escalated.escalated_at == now
    assert due(escalated, minutes=15) == ()
    assert escalated.version == WAITING.version + 2


def test_call_that_was_put_off_is_due_in_the_morning() -> None:
    now, morning_at = AFTERNOON_AT + timedelta(minutes=10), AFTERNOON_AT + timedelta(minutes=15)
    assert not is_put_off(WAITING)
    put_off = remind(WAITING, Night(morning_at, (ANA.user_id,)), now)
    assert is_put_off(put_off)
    assert due(put_off, minutes=11) == ()
    assert Occasion.HALF_TIME in due(put_off, minutes=15)
    assert not is_put_off(remind(put_off, Call((ANA.user_id,)), morning_at))


def test_others_may_decide_though_it_is_night_for_all_of_them() -> None:
    now, morning_at = AFTERNOON_AT + timedelta(minutes=12), AFTERNOON_AT + timedelta(minutes=15)
    put_off = escalate(WAITING, Night(morning_at, (DORA.user_id,)), now)
    assert put_off.escalated_at == now
    called = escalate(put_off, Call((DORA.user_id,)), morning_at)
    assert (called.escalated_at, called.escalate_at) == (now, None)


# Whom


def test_those_who_may_and_are_awake_are_called() -> None:
    assert plan(ANA, BEN, ELI) == Call((BEN.user_id, ELI.user_id), (ANA.user_id,))


def test_person_of_an_unknown_place_is_called() -> None:
    by_id = replace(RULE, by=People("fay", users=frozenset({FAY.user_id})))
    nowhere = replace(FAY, time_zone="Atlantis/Poseidonis")
    assert plan(FAY, rule=by_id) == plan(nowhere, rule=by_id) == Call((FAY.user_id,))


@pytest.mark.parametrize(
    "zone", ["Europe", "../../etc/passwd", "", "\0", "x" * 5_000, "\ud800", "/etc/localtime", "posix"]
)
def test_zone_that_is_none_is_no_night(zone: str) -> None:
    person = replace(BEN, time_zone=zone)
    at = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
    assert not is_asleep(person, QUIET, at)
    assert find_morning(person, QUIET, at) == at


def test_those_who_may_not_are_not_called() -> None:
    barred = replace(RULE, barred=(People("eli", users=frozenset({ELI.user_id})),))
    assert plan(BEN, ELI, GUS, FAY, rule=barred) == Call((BEN.user_id,))


def test_account_that_nobody_uses_any_more_is_not_called_though_a_rule_lists_it() -> None:
    gone = replace(FAY, is_deactivated=True)
    rule = replace(RULE, by=People("some", users=frozenset({FAY.user_id, BEN.user_id})))
    assert plan(BEN, gone, rule=rule) == Call((BEN.user_id,))


def test_those_who_have_voted_and_the_requester_are_not_called() -> None:
    voted = replace(WAITING, consents=(BEN.user_id,), requester=ELI.user_id, requester_may_approve=True)
    assert find_candidates(voted, RELEASERS, MEMBERSHIP) == (ANA.user_id,)
    assert plan(BEN, ELI, of=voted) == Call(())


def test_whoever_looks_is_called_alone() -> None:
    now = AFTERNOON_AT + timedelta(minutes=10)
    claimed = replace(WAITING, claimed_by=ELI.user_id, claimed_at=now - timedelta(minutes=4))
    assert plan(BEN, ELI, of=claimed, now=now) == Call((ELI.user_id,))
    assert plan(BEN, ELI, of=claimed, now=now + CLAIM_HOLDS) == Call((BEN.user_id, ELI.user_id))


def test_whoever_looks_at_night_is_left_alone() -> None:
    now = AFTERNOON_AT + timedelta(minutes=10)
    claimed = replace(WAITING, claimed_by=ANA.user_id, claimed_at=now)
    assert plan(ANA, BEN, of=claimed, now=now) == Call((BEN.user_id,), (ANA.user_id,))


def test_look_into_it_does_not_keep_others_from_being_called_later() -> None:
    now = AFTERNOON_AT + timedelta(minutes=12)
    claimed = replace(WAITING, claimed_by=BEN.user_id, claimed_at=now)
    called = plan(BEN, DORA, of=claimed, occasion=Occasion.ESCALATION, rule=as_escalated(RULE), now=now)
    assert called == Call((BEN.user_id, DORA.user_id))


def test_others_may_be_called_only_once_they_may_decide() -> None:
    assert plan(DORA) == Call(())
    assert plan(DORA, occasion=Occasion.ESCALATION, rule=as_escalated(RULE)) == Call((DORA.user_id,))


def test_night_of_everybody_ends_with_the_first_morning() -> None:
    at = datetime(2026, 10, 5, 4, 30, tzinfo=UTC)  # 06:30 in Berlin and Madrid, 00:30 in New York
    long = replace(WAITING, asked_at=at, expires_at=at + timedelta(hours=2))
    night = plan(BEN, ELI, of=long, now=at)
    assert night == Night(at + timedelta(minutes=30), (BEN.user_id, ELI.user_id))
    short = replace(long, expires_at=at + timedelta(minutes=20))
    assert plan(BEN, ELI, of=short, now=at) == Night(short.expires_at, (BEN.user_id, ELI.user_id))
    assert due(remind(short, Night(short.expires_at, ()), at), minutes=0) == ()


def test_everyone_is_nobody_to_be_called_by_name() -> None:
    assert find_candidates(WAITING, EVERYONE, MEMBERSHIP) == ()
    claimed = replace(WAITING, claimed_by=BEN.user_id, claimed_at=AFTERNOON_AT)
    assert find_candidates(claimed, EVERYONE, MEMBERSHIP) == (BEN.user_id,)
    assert plan(rule=replace(RULE, by=EVERYONE)) == Call(())


def test_a_crowd_is_looked_up_in_part_with_whoever_looks_first() -> None:
    crowd = frozenset(UserId(f"U0{number:04d}") for number in range(500))
    membership = replace(MEMBERSHIP, groups={RELEASE: crowd})
    claimed = replace(WAITING, claimed_by=UserId("U00400"), claimed_at=AFTERNOON_AT)
    found = find_candidates(claimed, RELEASERS, membership, before=[UserId("U00000")])
    assert len(found) == MOST_CALLED
    assert found[:2] == ("U00400", "U00001")


# The night


@pytest.mark.parametrize(
    ("zone", "now", "morning"),
    [
        ("Europe/Berlin", "2026-10-05T20:00", "2026-10-06T05:00"),
        ("Europe/Berlin", "2026-10-05T18:59", "2026-10-05T18:59"),  # 20:59 there
        ("Europe/Berlin", "2026-10-05T19:00", "2026-10-06T05:00"),
        ("Europe/Berlin", "2026-03-28T23:30", "2026-03-29T05:00"),  # the clock is put on in this night
        ("Europe/Berlin", "2026-10-24T22:30", "2026-10-25T06:00"),  # and put back in this one
        ("Asia/Kolkata", "2026-10-05T20:00", "2026-10-06T01:30"),
        ("Pacific/Kiritimati", "2026-10-05T12:00", "2026-10-05T17:00"),
        ("Pacific/Pago_Pago", "2026-10-05T12:00", "2026-10-05T18:00"),
    ],
)
def test_morning_is_at_the_end_of_the_night_there(zone: str, now: str, morning: str) -> None:
    person = replace(BEN, time_zone=zone)
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert find_morning(person, QUIET, at) == datetime.fromisoformat(morning).replace(tzinfo=UTC)


moments = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: NOON_AT + timedelta(minutes=minutes))
zones = st.sampled_from(
    [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "Africa/Casablanca",
        "America/St_Johns",
    ]
)
hours = st.times().map(lambda at: at.replace(second=0, microsecond=0))
nights = st.builds(QuietHours, hours, hours)


@given(moments, zones, nights)
def test_in_the_morning_nobody_sleeps_and_before_it_everybody_did(
    now: datetime, zone: str, quiet: QuietHours
) -> None:
    person = replace(BEN, time_zone=zone)
    morning_at = find_morning(person, quiet, now)
    assert not is_asleep(person, quiet, morning_at)
    assert (morning_at == now) == (not is_asleep(person, quiet, now))
    # a day, and what a clock may be put back by
    assert now <= morning_at <= now + timedelta(hours=49)


def test_hours_that_end_where_they_begin_are_none() -> None:
    none = QuietHours(time(21), time(21))
    assert not any(is_asleep(BEN, none, NOON_AT + timedelta(hours=hour)) for hour in range(24))


# What holds whatever happens

crowd = st.lists(
    st.builds(
        Person,
        st.integers(0, 8).map(lambda number: UserId(f"U0{number:03d}")),
        st.just(HOME),
        is_guest=st.booleans(),
        time_zone=st.none() | zones,
    ),
    unique_by=lambda person: person.user_id,
)
ids = st.integers(0, 8).map(lambda number: UserId(f"U0{number:03d}"))
peoples = st.builds(
    People,
    st.just("some"),
    st.frozensets(ids),
    st.frozensets(st.sampled_from([RELEASE, LEAD])),
    st.booleans(),
)
memberships = st.builds(
    Membership, st.just(HOME), st.dictionaries(st.sampled_from([RELEASE, LEAD]), st.frozensets(ids))
)
approvals = st.builds(
    lambda requester, consents, claimed_by, minutes: replace(
        WAITING,
        requester=requester,
        consents=tuple(consents),
        claimed_by=claimed_by,
        claimed_at=None if claimed_by is None else AFTERNOON_AT - timedelta(minutes=minutes),
    ),
    ids,
    st.lists(ids, unique=True),
    st.none() | ids,
    st.integers(0, 20),
)


@given(approvals, crowd, peoples, peoples, memberships, nights, st.integers(0, 23))
def test_two_calls_wake_nobody_repeat_nobody_and_leave_voters_and_requester_alone(
    waiting: Approval,
    team: list[Person],
    by: People,
    to: People,
    membership: Membership,
    quiet: QuietHours,
    hour: int,
) -> None:
    now = AFTERNOON_AT + timedelta(hours=hour)
    rule = replace(RULE, by=by, escalate=Escalation(to, timedelta(minutes=1)))
    known = {person.user_id: person for person in team}
    called: list[UserId] = []
    for occasion, people in ((Occasion.HALF_TIME, by), (Occasion.ESCALATION, to)):
        candidates = [
            known.get(user, Person(user, HOME))
            for user in find_candidates(waiting, people, membership, before=called)
        ]
        planned = plan_call(
            waiting,
            occasion,
            candidates,
            rule=as_escalated(rule),
            membership=membership,
            quiet=quiet,
            now=now,
        )
        assert planned.asleep or isinstance(planned, Call)
        if isinstance(planned, Call):
            called += planned.called
    assert len(called) == len(set(called))
    assert waiting.requester not in called
    assert not set(called) & set(waiting.consents)
    for user in called:
        zone = known[user].time_zone if user in known else None
        assert zone is None or not quiet.include(now.astimezone(ZoneInfo(zone)).time())


def test_newest_plan_of_an_occasion_counts_since_it_was_asked_for_that_time() -> None:
    told: list[Entry] = [
        ApproversReminded((BEN.user_id,)),
        ApprovalEscalated("leads", (DORA.user_id,)),
        ApprovalRenewed("approvals[0]", 14, "d2"),
        ApproversReminded((), (ANA.user_id,)),
        ApproversReminded((ANA.user_id,), (BEN.user_id,)),
    ]
    entries = [
        RecordedEntry(RunId(42), NOON_AT + timedelta(minutes=nth), entry) for nth, entry in enumerate(told)
    ]

    def find(occasion: Occasion, asking: int) -> tuple[Call, datetime] | None:
        planned = find_planned(entries, occasion, asking)
        return (planned.call, planned.at) if planned is not None else None

    assert find(Occasion.HALF_TIME, 1) == (Call((BEN.user_id,)), NOON_AT)
    assert find(Occasion.ESCALATION, 1) == (Call((DORA.user_id,)), NOON_AT + timedelta(minutes=1))
    assert find(Occasion.HALF_TIME, 2) == (
        Call((ANA.user_id,), (BEN.user_id,)),
        NOON_AT + timedelta(minutes=4),
    )
    assert find(Occasion.ESCALATION, 2) is None
