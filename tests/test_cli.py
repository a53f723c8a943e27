"""The command line at its edges: numbers out of range and files that are not what they should be end with one line."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory without `.env`, rules or history."""
    monkeypatch.chdir(tmp_path)
    for name in ("OEC_RULES", "OEC_DATABASE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo", "--port", "99999"],
        ["demo", "--hosting-port", "-1"],
        ["demo", "--speed", "0"],
        ["demo", "--speed", "inf"],
        ["sandbox", "--slack-port", "65536"],
        ["sandbox", "--speed", "-3"],
        ["history", "--count", "0"],
        ["history", "--count", "99999999999999999999999"],
    ],
)
def test_number_out_of_range_is_refused_with_its_option(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert f"Invalid value for '{arguments[1]}'" in result.output


@pytest.mark.parametrize("command", ["run", "check", "history"])
def test_settings_file_that_is_no_text_ends_with_one_line(command: str) -> None:
    Path(".env").write_bytes(b"SLACK_BOT_TOKEN=\xff\xfe\n")
    result = CliRunner().invoke(main, [command])
    assert result.exit_code == 2
    assert result.output == ".env is no UTF-8 text. Save the file as UTF-8.\n"


def test_sandbox_says_how_far_it_goes() -> None:
    result = CliRunner().invoke(main, ["sandbox", "--coverage"])
    assert result.exit_code == 0
    assert "chat.postMessage" in result.output
    assert "/environments/{env_id}/deploy" in result.output


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "No such file"),
        (b"\xff\xfe", "codec"),
        (b"a: [", "parsing"),
        (b"- a", "A manifest is an object."),
        (b"features: {slash_commands: [{command: coffee}]}", "a command begins with /"),
    ],
)
def test_manifest_that_is_none_ends_with_its_mistake(text: bytes | None, words: str) -> None:
    if text is not None:
        Path("manifest.yml").write_bytes(text)
    result = CliRunner().invoke(main, ["sandbox", "--manifest", "manifest.yml"])
    assert result.exit_code == 2
    assert result.output.startswith("manifest.yml is no manifest of a Slack app: ")
    assert words in result.output


def test_history_without_a_database_says_where_one_comes_from() -> None:
    result = CliRunner().invoke(main, ["history"])
    assert result.exit_code == 2
    assert result.output.startswith("There is no database oec-bot.db. `oec-bot run` makes it")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["backup", "copy.db"], "There is no database oec-bot.db."),
        (["backup", "copy.db", "--database", "other.db"], "There is no database other.db."),
        (["restore", "copy.db"], "There is no backup copy.db."),
    ],
)
def test_copy_of_nothing_ends_with_one_line(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert result.output.startswith(words)
    assert result.output.count("\n") == 1
