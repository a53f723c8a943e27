"""The agency that the core's tests speak about: its environments, people, channels and rules."""

from datetime import UTC, datetime
from hashlib import sha256

from bot.core.catalog import Catalog, Environment
from bot.core.names import ChannelId, EnvironmentId, GroupId, TeamId, UserId
from bot.core.policy import Membership, Person
from bot.core.rules import ApprovalRule, People, Right, Rules, RuleSource

NOON_AT = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)


def environment(
    alias: str,
    *aliases: str,
    protected: bool = False,
    project: str | None = None,
    platform: str | None = None,
) -> Environment:
    """An environment whose id follows from its alias."""
    id_ = EnvironmentId(f"00000000-0000-4000-8000-{sha256(alias.encode()).hexdigest()[:12]}")
    return Environment(id_, alias, aliases, protected, project, platform)


PROD = environment("prod", "production", protected=True, project="Client ERP", platform="production")
STAGING = environment("staging", project="Client ERP", platform="staging")
DEV = environment("dev", project="Client ERP", platform="dev")
OLD = environment("old", project="Client ERP", platform="old")
SHOP = environment("shop", project="L'Atelier Shop", platform="production")
CATALOG = Catalog((PROD, STAGING, DEV, OLD, SHOP))

HOME = TeamId("T0ACME")
ANA = Person(UserId("U0ANA"), HOME)
BEN = Person(UserId("U0BEN"), HOME)
CLEO = Person(UserId("U0CLEO"), HOME)
GUS = Person(UserId("U0GUS"), HOME, is_guest=True)
STRANGER = Person(UserId("U0ANA"), TeamId("T0OTHER"))

RELEASE = GroupId("S0RELEASE")
MEMBERSHIP = Membership(HOME, {RELEASE: frozenset({ANA.user_id, BEN.user_id})})

DEPLOYS = ChannelId("C0DEPLOYS")
SUPPORT = ChannelId("C0SUPPORT")
RANDOM = ChannelId("C0RANDOM")

EVERYONE = People("everyone", everyone=True)
RELEASERS = People("releasers", groups=frozenset({RELEASE}))


def people(*persons: Person) -> People:
    """Exactly these people, by their ids."""
    return People("some", users=frozenset(person.user_id for person in persons))


def source(path: str, line: int = 1) -> RuleSource:
    """Where a rule stands."""
    return RuleSource(path, line)


def right(
    *words: str,
    on: tuple[Environment, ...],
    who: People = EVERYONE,
    deny: bool = False,
    path: str = "channels.C[0]",
) -> Right:
    """One line of a channel."""
    return Right(source(path), frozenset(words), frozenset(one.id for one in on), who, deny=deny)


def approval(
    *words: str, on: tuple[Environment, ...], by: People = RELEASERS, typed: tuple[str, ...] = ()
) -> ApprovalRule:
    """One approval rule."""
    return ApprovalRule(
        source("approvals[0]"), frozenset(words), frozenset(one.id for one in on), by, frozenset(typed)
    )


def rules(
    *rights: Right,
    approvals: tuple[ApprovalRule, ...] = (),
    support: tuple[Right, ...] | None = None,
    catalog: Catalog = CATALOG,
) -> Rules:
    """Rules with these rights in #deploys."""
    channels = {DEPLOYS: rights} | ({SUPPORT: support} if support is not None else {})
    sources = {channel_id: source(f"channels.{channel_id}", 7) for channel_id in channels}
    return Rules(catalog, channels, approvals, None, "d1", sources=sources)
