"""README tells the truth: its rules file is valid, its table of asks parses, its transcript is what people see."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.core.grammar import parse
from bot.core.misunderstood import Misunderstood
from bot.rules_file import check_cases, read_document
from bot.settings import VARIABLES
from bot.sim.sandbox import RULES
from bot.views.help import HELP_LINES
from tests.support.hosting import PROD
from tests.support.world import DEPLOYS, World, running_world

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def _block(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found, f"README has no block of {language}"
    return str(found[0])


def test_rules_file_of_readme_is_right_and_passes_its_own_tests() -> None:
    document = read_document(_block("yaml"))
    assert len(document.cases) == 5
    assert check_cases(document.rules, document.cases) == ()


def test_commands_about_the_rules_answer_for_the_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "oec.yml").write_text(_block("yaml"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    section = README.split("## The rules file")[1].split("## Settings")[0]
    explain, rules = re.findall(r"^oec-bot ((?:explain|rules) .*?)  +#", section, re.MULTILINE)
    explained = CliRunner().invoke(main, shlex.split(explain))
    assert explained.exit_code == 0
    assert "Denied" in explained.output
    assert "channels.C0DEPLOYS" in explained.output
    table = CliRunner().invoke(main, shlex.split(rules))
    assert table.exit_code == 0
    assert "releasers: 2 of" in table.output


@pytest.mark.parametrize("ask", sorted(set(re.findall(r"`/oec ([^`]+)`", README))))
def test_every_ask_of_readme_is_understood(ask: str) -> None:
    catalog = read_document(RULES).rules.catalog
    assert not isinstance(parse(ask, catalog), Misunderstood)


def test_every_word_of_the_help_is_in_readme() -> None:
    words = {line.topic for line in HELP_LINES}
    table = README.split("## What people type")[1].split("## The rules file")[0]
    assert {word for word in words if f"/oec {word}" not in table} <= {"help"}


def test_every_setting_is_in_readme() -> None:
    assert [name for name in VARIABLES if f"| `{name}` |" not in README] == []


async def test_transcript_is_what_people_see(tmp_path: Path) -> None:
    async with running_world(tmp_path) as world:
        seen = await _play(world)
    said = [
        line[6:].strip()
        for line in _block("text").splitlines()[1:]
        if not line.startswith(("Ana ", "Ben ", "Cleo "))
    ]
    told = [line for line in said if line and line != "in its thread"]
    assert [line for line in told if line not in seen] == []


async def _play(world: World) -> str:
    """The conversation of the transcript; everything that was to be read, as plain text."""
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", "main", channel=DEPLOYS)
    await world.ben.presses("Approve", card)
    task = await world.hosting.the_task(PROD)
    await world.hosting.moves(task["id"], status="running", steps_completed=6, progress_percent=50)
    running = await world.ana.sees("Deploying", channel=DEPLOYS)
    progress = await world.ana.sees("50 %", channel=DEPLOYS, thread=card.ts)
    await world.hosting.moves(task["id"], status="completed")
    end = await world.ana.sees("is deployed", "<@U0ANA>", channel=DEPLOYS, thread=card.ts)
    await world.cleo.says("/oec deploy prod", DEPLOYS)
    refusal = await world.cleo.sees("You may not", channel=DEPLOYS)
    return "\n".join(_plain(one.words) for one in (card, running, progress, end, refusal))


def _plain(words: str) -> str:
    """A message's words without marks, with people and channels by name."""
    for marked, name in (("<@U0ANA>", "@Ana"), ("<@U0BEN>", "@Ben"), ("<#C0DEPLOYS>", "#deploys")):
        words = words.replace(marked, name)
    words = re.sub(r"<https?://[^|>]+\|([^>]+)>", r"\1", words)
    return words.replace("*", "").replace("`", "")
