"""The commands about the rules: are they right, what would be decided, and the whole matrix of them."""

import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.ends import EXIT_FOUND, fail, read_environment, say
from bot.cli.page_files import write_page
from bot.slack.redaction import make_printable

if TYPE_CHECKING:
    from bot.core.intents import Intent
    from bot.core.policy import Decision, Membership, Person
    from bot.core.rules import Rules, RuleSource
    from bot.matrix import Channel
    from bot.rules_file import RulesDocument

FILE = click.Path(dir_okay=False, path_type=Path)
TERMINAL = Path("-")


@click.command()
@click.argument("file", required=False, type=FILE)
def check(file: Path | None) -> None:
    """Validate the rules file and the settings, and run the rules' own tests."""
    from bot.rules_file import RulesError, check_cases, load_document
    from bot.settings import SettingsError, read_settings

    environment = read_environment()
    path = file or Path(environment.get("OEC_RULES", "oec.yml"))
    mistakes: list[str] = []
    misses: list[str] = []
    try:
        document = load_document(path)
    except RulesError as error:
        mistakes.extend(error.lines)
    else:
        found = check_cases(document.rules, document.cases)
        misses = [f"{path.name}:{miss.case.source.line}: {miss.sentence}" for miss in found]
        environments = len(document.rules.catalog.environments)
        click.echo(f"{path}: {environments} environments, {len(document.cases)} tests, {len(misses)} missed.")
    if file is None:
        try:
            read_settings(environment)
        except SettingsError as error:
            mistakes.extend(error.mistakes)
    if mistakes:
        fail(mistakes)
    for miss in misses:
        say(miss)
    sys.exit(EXIT_FOUND if misses else 0)


@click.command()
@click.argument("text")
@click.option("--as", "person", required=True, help="Who asks: a member's id (U…).")
@click.option("--in", "channel", required=True, help="Where: a channel's id (C…).")
@click.option(
    "--member-of", "groups", multiple=True, help="A user group they are in (S…); may be given often."
)
@click.option("--guest", is_flag=True, help="They are a guest.")
@click.option("--rules", "file", type=FILE, help="The rules file (OEC_RULES).")
def explain(
    text: str, person: str, channel: str, groups: tuple[str, ...], guest: bool, file: Path | None
) -> None:
    """What would be decided if somebody asked for TEXT, by which rule, and who could decide it or do it."""
    from bot.core.grammar import ask_form, parse
    from bot.core.misunderstood import Misunderstood
    from bot.core.names import ChannelId, GroupId, UserId
    from bot.core.policy import decide, suppose
    from bot.core.policy.supposing import look_behind
    from bot.views.answers import render_misunderstood

    _check_ids(person, channel, groups)
    rules = _load(file).rules
    parsed = parse(text, rules.catalog)
    if isinstance(parsed, Misunderstood):
        click.echo(render_misunderstood(parsed).text)
        sys.exit(EXIT_FOUND)
    intent, user_id = look_behind(parsed, UserId(person))
    asker, membership = suppose(user_id, [GroupId(one) for one in groups], rules, is_guest=guest)
    decision = decide(intent, asker, ChannelId(channel), rules, membership)
    click.echo(f"{user_id} in {channel} asks: {ask_form(intent)}")
    advice = _advise(intent, asker, ChannelId(channel), rules, membership, decision)
    for line in (*_describe(decision, channel, rules), *advice):
        click.echo(make_printable(line))
    others = sorted(rules.groups() - set(groups))
    if others:
        click.echo(f"Taken to be in none of these user groups: {', '.join(others)} (--member-of).")


def _check_ids(person: str, channel: str, groups: tuple[str, ...]) -> None:
    from bot.rules_file.names import CHANNEL_ID
    from bot.rules_file.people import GROUP_ID, USER_ID

    for option, shape, values in (
        ("--as", USER_ID, (person,)),
        ("--in", CHANNEL_ID, (channel,)),
        ("--member-of", GROUP_ID, groups),
    ):
        wrong = [value for value in values if not shape.fullmatch(value)]
        if wrong:
            raise click.UsageError(f"{option} takes an id of Slack's, not {wrong[0]!r}.")


def _describe(decision: "Decision", channel: str, rules: "Rules") -> Iterable[str]:
    """What is decided, by which line, and how an approval is given."""
    from bot.core.policy import Allowed, Denied, NeedsApproval
    from bot.views.denials import describe_reason
    from bot.views.spans import say_span

    match decision:
        case Allowed(rule):
            yield "Allowed, at once."
            yield f"Rule: {_place(rule, rules)}"
        case NeedsApproval(rule, approval):
            by = "anybody else of the team" if approval.by.everyone else approval.by.label
            own = "may be the one who asks" if approval.requester_may_approve else "not by the one who asks"
            within = say_span(approval.expires)
            yield f"Allowed with an approval: {approval.count} of {by}, {own}, within {within}."
            if approval.typed:
                yield "Whoever approves types the environment's name."
            if approval.escalate is not None:
                after = say_span(approval.escalate.after)
                yield f"After {after} {approval.escalate.to.label} may decide as well."
            yield f"Rule: {_place(rule, rules)}"
            for place in approval.places:
                yield f"Approval rule: {_place(place, rules)}"
        case Denied(reason, rule):
            yield f"Denied: {describe_reason(reason, channel)}."
            yield f"Rule: {_place(rule, rules)}"


def _advise(
    intent: "Intent",
    asker: "Person",
    channel: str,
    rules: "Rules",
    membership: "Membership",
    decision: "Decision",
) -> Iterable[str]:
    """Who could do what was refused, and what could be done instead."""
    from bot.core.intents import ActionIntent, as_change
    from bot.core.names import ChannelId
    from bot.core.policy import Denied, advise
    from bot.views.denials import say_lacking

    if not isinstance(decision, Denied):
        return
    change = as_change(intent) if isinstance(intent, ActionIntent) else None
    advice = advise(change, asker, ChannelId(channel), rules, membership)
    lacking = say_lacking(advice.lacking, is_own=False)
    if lacking:
        yield lacking
    for way in advice.who_may:
        yield f"Who could: {way.people.label}, from {way.channel_id}, by {_place(way.rule, rules)}"
    alike: dict[tuple[str, ...], list[str]] = {}
    for here in advice.here_you_may:
        alike.setdefault(here.words, []).append(here.alias)
    for words, aliases in alike.items():
        yield f"Here they may: {', '.join(words)} on {', '.join(aliases)}"


def _place(rule: "RuleSource", rules: "Rules") -> str:
    return f"{rules.name}:{rule.line} ({rule.path})"


@click.command()
@click.option(
    "--table", "as_table", is_flag=True, help="A table for people (what you get without any option)."
)
@click.option(
    "--html",
    "page",
    is_flag=False,
    flag_value="-",
    metavar="[PAGE]",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A page to look at, into the file PAGE or to the terminal.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON array, an object for each cell.")
@click.option("--in", "channels", multiple=True, help="Only this channel (C…); may be given often.")
@click.option("--rules", "named", type=FILE, help="The rules file, as FILE.")
@click.argument("file", required=False, type=FILE)
def rules(
    as_table: bool,
    page: Path | None,
    as_json: bool,
    channels: tuple[str, ...],
    named: Path | None,
    file: Path | None,
) -> None:
    """The whole matrix of the rules FILE: channel, environment, action; who at once, who with whose approval, who not."""
    from bot.core.names import ChannelId
    from bot.matrix import lay_out

    if as_table + (page is not None) + as_json > 1:
        raise click.UsageError("Choose one of --table, --html and --json.")
    if file is not None and named is not None:
        raise click.UsageError("Name the rules file once: as FILE, or with --rules.")
    found = _load(file or named).rules
    unknown = [one for one in channels if one not in found.channels]
    if unknown:
        raise click.UsageError(
            f"The file does not speak of {', '.join(unknown)}: nobody may do anything there."
        )
    laid_out = lay_out(found, [ChannelId(one) for one in channels] or None)
    pieces = _form(laid_out, found, "page" if page else "json" if as_json else "table")
    if page is None or page == TERMINAL:
        for piece in pieces:
            click.echo(piece, nl=page is None)
    else:
        write_page(pieces, page)
        say(f"The page is in {page}.")


def _form(channels: "Iterable[Channel]", rules: "Rules", form: str) -> Iterable[str]:
    from bot.matrix.page import to_page
    from bot.matrix.rows import to_records
    from bot.matrix.table import to_lines

    match form:
        case "page":
            yield from to_page(channels, rules)
        case "json":
            records = (record for channel in channels for record in to_records(channel))
            yield "["
            for number, record in enumerate(records):
                yield ("," if number else "") + json.dumps(record, ensure_ascii=False)
            yield "]"
        case _:
            for channel in channels:
                yield "\n".join(to_lines(channel, rules, width=find_width()))
            yield "Members of the team. What is not said of an environment or a channel, nobody may do."


def find_width() -> int | None:
    """How many columns the terminal has; None where a program reads."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _load(file: Path | None) -> "RulesDocument":
    """The rules as they stand, whether or not they pass their own tests; or the end with every mistake."""
    from bot.rules_file import RulesError, load_document

    path = file or Path(read_environment().get("OEC_RULES", "oec.yml"))
    try:
        return load_document(path)
    except RulesError as error:
        fail(list(error.lines))
