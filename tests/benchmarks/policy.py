"""How long a decision takes, and a new version of the rules, in an agency of 200 channels, 500 people, 300 environments.

Asks are drawn at random (always the same): people of every kind, in channels with and without rules, all actions. Times
are told by how it came out, for a refusal must be as quick as a yes. A reload reads the file, looks for what comes to
nothing and runs the file's own tests; beside it stands what `yaml.load` with the same libyaml takes to make dicts of the
same file. The table is that of all channels, as `oec-bot rules --table` prints it.
"""

import gc
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from random import Random
from uuid import NAMESPACE_URL, uuid5

import yaml

from bot.core.catalog import Environment
from bot.core.intents import Intent, ShowStatus, as_intent
from bot.core.names import ChannelId, GroupId, TeamId, UserId
from bot.core.policy import Allowed, Decision, Membership, NeedsApproval, Person, change_of, decide
from bot.core.rules import ACTION_WORDS, Rules
from bot.matrix import lay_out
from bot.matrix.table import to_lines
from bot.rules_file import read_document, refuse_misses
from bot.rules_file.nodes import FASTEST_LOADER
from tests.benchmarks.benchmark import Benchmark, Options
from tests.benchmarks.figures import Reading, percentile

OURS = "oec-bot"
BARE = "yaml.load"
HOME = TeamId("T0ACME")
SEED = 6


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each."""

    channels: int = 200
    people: int = 500
    environments: int = 300
    tests: int = 100


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody asks for something somewhere."""

    intent: Intent
    person: Person
    channel_id: ChannelId


def user_id(number: int) -> UserId:
    """A person's id."""
    return UserId(f"U0P{number:04}")


def group_id(number: int) -> GroupId:
    """A user group's id."""
    return GroupId(f"S0G{number:03}")


def channel_id(number: int) -> ChannelId:
    """A channel's id."""
    return ChannelId(f"C0C{number:04}")


def alias(number: int) -> str:
    """An environment's name; three to a client."""
    return f"client{number // 3:03}-{('prod', 'staging', 'dev')[number % 3]}"


def write_rules(size: Size) -> str:
    """A rules file of this size: people in teams of ten, and channels with five lines each about a client or two."""
    teams = max(1, size.people // 10)
    return "\n".join(
        (
            "environments:",
            *(_environment_line(number) for number in range(size.environments)),
            "groups:",
            *_group_lines(size),
            "people:",
            *(_team_line(team, size) for team in range(teams)),
            f"  leads: [{', '.join(user_id(number) for number in range(0, size.people, 25 if size.people > 75 else 10))}]",
            "channels:",
            *(line for number in range(size.channels) for line in _channel_lines(number, teams, size)),
            "approvals:",
            "  - {for: [reinit, update_all], on: protected, by: leads, typed: [reinit], count: 2, expires: 1h}",
            *(_approval_line(team, size) for team in range(0, teams, 2)),
            "  - {for: [deploy, stop], on: protected, by: [leads, S0G000]}",
            "operators: {channel: C0OPS}",
            "tests:",
            *(_test_line(number, size) for number in range(size.tests)),
            "",
        )
    )


def _environment_line(number: int) -> str:
    protected = ", protected: true" if number % 3 == 0 else ""
    return f"  {alias(number)}: {{id: {uuid5(NAMESPACE_URL, f'policy/{number}')}{protected}}}"


def _clients(size: Size) -> int:
    return max(1, size.environments // 3)


def _group_lines(size: Size) -> list[str]:
    places = range(size.environments)
    return [
        f"  client{client:03}: [{', '.join(alias(one) for one in places[client * 3 : client * 3 + 3])}]"
        for client in range(_clients(size))
    ]


def _team_line(team: int, size: Size) -> str:
    members = [user_id(number) for number in range(team * 10, min(size.people, team * 10 + 8))]
    return f"  team{team:02}: [{', '.join([*members, group_id(team)])}]"


def _channel_lines(number: int, teams: int, size: Size) -> list[str]:
    team, client = number % teams, number % _clients(size)
    other = (client * 7 + 3) % _clients(size)
    return [
        f"  {channel_id(number)}:",
        f"    - {{may: [deploy, restart, start, stop, update], on: client{client:03}, who: team{team:02}}}",
        f"    - {{may: [restart, pull_restart], on: [client{other:03}, client{client:03}], who: everyone}}",
        f"    - {{may: everything, on: unprotected, who: [leads, team{team:02}]}}",
        f"    - {{may: reinit, on: client{client:03}, who: leads}}",
        f"    - {{may: [stop, update_all], on: client{client:03}, who: {user_id(team * 10)}, deny: true}}",
    ]


def _approval_line(team: int, size: Size) -> str:
    places = f"[{alias(team * 3 % size.environments)}, {alias((team * 3 + 1) % size.environments)}]"
    return f"  - {{for: [deploy, update], on: {places}, by: [team{team:02}, leads], expires: 30m}}"


def _test_line(number: int, size: Size) -> str:
    guest = user_id(number * 10 % size.people + 9)  # the tenth of a team is listed nowhere
    asked = f"action: restart, environment: {alias(number % size.environments)}, expect: denied"
    return f"  - {{person: {guest}, guest: true, channel: {channel_id(number % size.channels)}, {asked}}}"


def draw_asks(rules: Rules, size: Size, count: int) -> list[Ask]:
    """So many asks, the same each time."""
    random = Random(SEED)
    return [_draw_ask(random, rules, size) for _ in range(count)]


def _draw_ask(random: Random, rules: Rules, size: Size) -> Ask:
    number = random.randrange(size.people)
    place = channel_id(random.randrange(size.channels))
    lines = rules.channels[place]
    near = [one for one in rules.catalog.environments if one.id in lines[random.randrange(2)].environments]
    environment = random.choice(near if random.random() < 0.8 else rules.catalog.environments)
    kind = random.random()
    person = Person(user_id(number), HOME, is_guest=0.9 < kind < 0.95)
    if kind > 0.97:
        person = replace(person, team_id=TeamId("T0OTHER"))
    elif random.random() < 0.6:  # most people ask where their own team is
        person = replace(person, user_id=min(lines[0].who.users))
    elsewhere = random.random() < 0.05
    return Ask(_draw_intent(random, environment), person, ChannelId("C0ELSEWHERE") if elsewhere else place)


def _draw_intent(random: Random, environment: Environment) -> Intent:
    if random.random() < 0.1:
        return ShowStatus(environment)
    return as_intent(change_of(random.choice(ACTION_WORDS), environment))


def learn_members(size: Size) -> Membership:
    """Everybody in the group of their team."""
    teams = max(1, size.people // 10)
    members = {
        group_id(team): frozenset(user_id(number) for number in range(team * 10, team * 10 + 10))
        for team in range(teams)
    }
    return Membership(HOME, members)


def tell_outcome(decision: Decision) -> str:
    """How it came out, in a word or two."""
    if isinstance(decision, Allowed):
        return "allowed"
    return "needs approval" if isinstance(decision, NeedsApproval) else f"denied, {decision.reason}"


def measure_decisions(rules: Rules, size: Size, count: int) -> list[Reading]:
    """How many a second, and how long each took by how it came out."""
    asks, membership = draw_asks(rules, size, count), learn_members(size)
    times: dict[str, list[float]] = defaultdict(list)
    for ask in asks:
        started = time.perf_counter()
        decision = decide(ask.intent, ask.person, ask.channel_id, rules, membership)
        times[tell_outcome(decision)].append((time.perf_counter() - started) * 1_000_000)
    every = [taken for taken_of in times.values() for taken in taken_of]
    outcomes = [
        ("a decision", every),
        *((f"a decision ({name})", taken) for name, taken in sorted(times.items())),
    ]
    return [
        Reading(OURS, "decisions", "/s", len(every) / (sum(every) / 1_000_000)),
        *(
            Reading(OURS, f"{outcome}, {figure}", "µs", percentile(taken, share))
            for outcome, taken in outcomes
            for figure, share in (("median", 0.5), ("p99", 0.99))
        ),
    ]


def measure_reload(text: str, membership: Membership, rounds: int = 5) -> list[Reading]:
    """Reading and checking the file, and reading it as nothing but YAML; neither waits for anything but a processor."""

    def ours() -> None:
        refuse_misses(read_document(text, members=membership.groups))

    def bare() -> None:
        yaml.load(text, Loader=FASTEST_LOADER)  # noqa: S506 - it is a safe one

    readings = []
    for subject, deed in ((BARE, bare), (OURS, ours)):
        taken = []
        for _ in range(rounds):
            started = time.process_time()
            deed()
            taken.append((time.process_time() - started) * 1000)
        readings.append(Reading(subject, "a reload, processor time", "ms", percentile(taken, 0.5)))
    return readings


def measure_table(rules: Rules) -> Reading:
    """The matrix of the whole file, down to its last line."""
    started = time.process_time()
    for channel in lay_out(rules):
        "\n".join(to_lines(channel, rules, width=100))
    taken = (time.process_time() - started) * 1000
    return Reading(OURS, "the whole table, processor time", "ms", taken)


async def measure_round(options: Options, size: Size | None = None) -> list[Reading]:
    """Once."""
    size = size or Size()
    text = write_rules(size)
    rules = refuse_misses(read_document(text))
    options.tell(f"a file of {len(text) // 1024} KiB")
    gc.collect()
    gc.freeze()  # as the bot does once it has started
    return [
        *measure_decisions(rules, size, options.commands * 20),
        *measure_reload(text, learn_members(size)),
        measure_table(rules),
    ]


BENCHMARK = Benchmark(
    name="policy",
    title="How long a decision takes, and a new version of the rules",
    measure_round=measure_round,
    baselines=(BARE,),
)
