"""The agency of the flow's tests: its people, environments and rules, and what its people ask, press and submit."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.core.catalog import Catalog, Environment
from bot.core.names import (
    ButtonId,
    ChannelId,
    EnvironmentId,
    GroupId,
    MessageTs,
    RequestKey,
    TeamId,
    UserId,
)
from bot.core.policy import Person
from bot.core.request import Actor, ButtonPress, MessageShortcut, ModalSubmission, Place, ReplyTo, Request
from bot.core.rules import ApprovalRule, Escalation, People, Right, Rules, RuleSource

HOME, FOREIGN = TeamId("T0ACME"), TeamId("T0OTHER")
DEPLOYS, SUPPORT, OPS, ELSEWHERE = (
    ChannelId(name) for name in ("C0DEPLOYS", "C0SUPPORT", "C0OPS", "C0RANDOM")
)

ANA = Person(UserId("U0ANA"), HOME, name="Ana")
BEN = Person(UserId("U0BEN"), HOME, name="Ben")
CLEO = Person(UserId("U0CLEO"), HOME, name="Cleo")
GUS = Person(UserId("U0GUS"), HOME, is_guest=True, name="Gus")
DORA = Person(UserId("U0DORA"), HOME, is_deactivated=True, name="Dora")
LEA = Person(UserId("U0LEA"), HOME, time_zone="Europe/Madrid", name="Lea")
TEAM = (ANA, BEN, CLEO, GUS, DORA, LEA)

RELEASE, LEADS = GroupId("S0RELEASE"), GroupId("S0LEADS")
RELEASERS = People("releasers", users=frozenset({DORA.user_id}), groups=frozenset({RELEASE}))
EVERYONE = People("everyone", everyone=True)
MEMBERS = {
    RELEASE: frozenset({ANA.user_id, BEN.user_id, GUS.user_id, DORA.user_id}),
    LEADS: frozenset({LEA.user_id}),
}

PROD = Environment(EnvironmentId("5a296461-9222-40da-91f5-9e912890dc1b"), "prod", protected=True)
STAGING = Environment(EnvironmentId("0f1c1f6e-6b0a-4f5e-9d1c-2a4f5c6d7e8f"), "staging")
DEV = Environment(EnvironmentId("7d0b5f0a-3c1e-4b7a-8f2d-9a6c4e1b2d3f"), "dev")
ENVIRONMENTS = (PROD, STAGING, DEV)

EXPIRY = timedelta(minutes=15)


def _ids(*environments: Environment) -> frozenset[EnvironmentId]:
    return frozenset(environment.id for environment in environments)


def some_rules(digest: str = "d1") -> Rules:
    """Deploying `prod` needs a releaser; everything else may be done by everyone in #deploys; #support restarts."""
    rights = (
        Right(
            RuleSource("channels.C0DEPLOYS[0]", 9), frozenset({"everything"}), _ids(*ENVIRONMENTS), EVERYONE
        ),
    )
    support = (
        Right(RuleSource("channels.C0SUPPORT[0]", 12), frozenset({"restart"}), _ids(STAGING), EVERYONE),
    )
    approval = ApprovalRule(
        RuleSource("approvals[0]", 14), frozenset({"deploy"}), _ids(PROD), RELEASERS, expires=EXPIRY
    )
    return Rules(
        Catalog(ENVIRONMENTS), {DEPLOYS: rights, SUPPORT: support}, (approval,), operators=OPS, digest=digest
    )


def rules_for(count: int, *, digest: str = "d1") -> Rules:
    """The same, but that so many releasers have to approve."""
    rules = some_rules(digest)
    [approval] = rules.approvals
    return replace(rules, approvals=(replace(approval, count=count),))


def calling_rules() -> Rules:
    """The same, but that leads are called ten minutes after the ask if nobody has decided, and may decide from then on."""
    rules = some_rules()
    [approval] = rules.approvals
    escalation = Escalation(People("leads", groups=frozenset({LEADS})), timedelta(minutes=10))
    return replace(rules, approvals=(replace(approval, escalate=escalation),))


def rules_without(rules: Rules, person: Person) -> Rules:
    """The same rules, except that this person may do nothing any more."""
    barred = People("nobody", users=frozenset({person.user_id}))
    lines = {
        channel: (
            Right(
                RuleSource(f"channels.{channel}[9]", 99),
                frozenset({"everything"}),
                _ids(*ENVIRONMENTS),
                barred,
                deny=True,
            ),
            *rights,
        )
        for channel, rights in rules.channels.items()
    }
    return replace(rules, channels=lines)


_numbers = itertools.count(1)
_SOME_TIME_AT = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)


def _key(kind: str, key: str | None) -> RequestKey:
    return RequestKey(key or f"{kind}:{next(_numbers)}")


def an_ask(
    text: str,
    by: Person = CLEO,
    *,
    channel: ChannelId = DEPLOYS,
    thread: MessageTs | None = None,
    key: str | None = None,
) -> Request:
    """Somebody types something."""
    place = Place(channel, thread)
    actor = Actor(by.user_id, by.team_id)
    return Request(_key("ask", key), actor, place, text, _SOME_TIME_AT, ReplyTo(by.user_id, place))


def a_press(
    kind: str,
    button_id: str,
    by: Person = BEN,
    *,
    channel: ChannelId = DEPLOYS,
    thread: MessageTs | None = None,
    key: str | None = None,
    late_by: timedelta = timedelta(0),
) -> ButtonPress:
    """Somebody presses a button."""
    place = Place(channel, thread)
    return ButtonPress(
        _key("press", key),
        Actor(by.user_id, by.team_id),
        place,
        kind,
        ButtonId(button_id),
        _SOME_TIME_AT,
        ReplyTo(by.user_id, place),
        trigger_id=f"trigger-{next(_numbers)}",
        late_by=late_by,
    )


def a_submission(
    kind: str, subject: str, values: dict[str, str], by: Person = BEN, *, key: str | None = None
) -> ModalSubmission:
    """Somebody submits a modal."""
    actor = Actor(by.user_id, by.team_id)
    return ModalSubmission(_key("submit", key), actor, kind, ButtonId(subject), values, _SOME_TIME_AT)


def a_shortcut(by: Person = CLEO, *, thread: str = "1790000000.000001") -> MessageShortcut:
    """Somebody uses the shortcut on a message."""
    place = Place(DEPLOYS, MessageTs(thread))
    actor, reply_to = Actor(by.user_id, by.team_id), ReplyTo(by.user_id, place)
    return MessageShortcut(
        _key("shortcut", None), actor, place, _SOME_TIME_AT, reply_to, trigger_id=f"trigger-{next(_numbers)}"
    )
