"""The command line at its edges: numbers out of range and files that are not what they should be end with one line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.sim.sandbox import RULES


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


FAILING = "  - {person: U0GUS, channel: C0SUPPORT, action: deploy, environment: prod, expect: allowed}\n"


def put_rules(*more: str) -> None:
    Path("oec.yml").write_text(RULES + "".join(more), encoding="utf-8")


def test_check_of_rules_that_fail_their_own_test_ends_with_one_and_its_line() -> None:
    put_rules(FAILING)
    result = CliRunner().invoke(main, ["check", "oec.yml"])
    assert result.exit_code == 1
    line = RULES.count("\n") + 1
    assert f"\noec.yml:{line}: `tests[" in result.output
    assert "expected allowed, got denied (no line of C0SUPPORT lets them)" in result.output


def test_bot_does_not_start_on_rules_that_fail_their_own_test() -> None:
    put_rules(FAILING)
    result = CliRunner().invoke(main, ["run"])
    assert result.exit_code == 2
    assert f"oec.yml:{RULES.count(chr(10)) + 1}: a test fails." in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--as", "U0ANA", "--member-of", "S0RELEASE", "restart prod"],
            ["Allowed, at once.", "(channels.C0DEPLOYS[0])"],
        ),
        (
            ["--as", "U0CLEO", "reinit dev sale"],
            [
                "Allowed with an approval: 1 of releasers, not by the one who asks, within 15 min.",
                "Whoever approves types the environment's name.",
                "(channels.C0DEPLOYS[1])",
                "Approval rule: oec.yml:",
            ],
        ),
        (
            ["--as", "U0CLEO", "stop prod"],
            [
                "Denied: no line of C0DEPLOYS lets them.",
                "Who could: releasers, from C0DEPLOYS, by oec.yml:",
                "Taken to be in none of these user groups: S0LEADS, S0RELEASE (--member-of).",
                "Here they may: deploy, restart, start, stop, update, reinit on staging, dev, old",
            ],
        ),
        (
            ["--as", "U0GUS", "--guest", "restart dev"],
            ["Denied: they are a guest, and guests may do only what a rule allows them by their id."],
        ),
        (["--as", "U0CLEO", "status"], ["Allowed, at once.", "(channels.C0DEPLOYS)"]),
        (["--as", "U0CLEO", "can stop prod"], ["U0CLEO in C0DEPLOYS asks: stop prod", "Denied: no line of"]),
        (
            ["--as", "U0ANA", "can <@U0CLEO> stop prod"],
            ["U0CLEO in C0DEPLOYS asks: stop prod", "Denied: no line"],
        ),
        (
            ["--as", "U0ANA", "--member-of", "S0RELEASE", "deploy shop modules=all"],
            [
                "Denied: a rule forbids it.",
                "It is `deploy` and `update_all` at once, and they may not `update_all`.",
            ],
        ),
        (["--as", "U0CLEO", "can"], ["U0CLEO in C0DEPLOYS asks: can", "Allowed, at once."]),
    ],
)
def test_explain_says_what_would_be_decided_by_which_line(arguments: list[str], words: list[str]) -> None:
    put_rules()
    result = CliRunner().invoke(main, ["explain", "--in", "C0DEPLOYS", *arguments])
    assert result.exit_code == 0
    for word in words:
        assert word in result.output


def test_explain_shows_names_so_that_none_of_them_passes_for_a_line_of_its_own() -> None:
    Path("oec.yml").write_text(
        "environments: {dev: {id: 5a296461-9222-40da-91f5-9e912890dc1b}}\n"
        'people: {"all\\nAllowed, at once.\\u202e": U0BEN}\n'
        'channels: {C0DEPLOYS: [{may: restart, on: dev, who: "all\\nAllowed, at once.\\u202e"}]}\n',
        encoding="utf-8",
    )
    result = CliRunner().invoke(main, ["explain", "--as", "U0CLEO", "--in", "C0DEPLOYS", "restart dev"])
    assert "Who could: all\\nAllowed, at once.\\u202e, from C0DEPLOYS" in result.output


def test_explain_of_what_is_not_understood_ends_with_one() -> None:
    put_rules()
    result = CliRunner().invoke(main, ["explain", "--as", "U0ANA", "--in", "C0DEPLOYS", "deplyo prod"])
    assert result.exit_code == 1
    assert "Did you mean `/oec deploy`?" in result.output


@pytest.mark.parametrize(
    ("option", "value"), [("--as", "ana"), ("--in", "#deploys"), ("--member-of", "U0ANA")]
)
def test_explain_takes_ids_only(option: str, value: str) -> None:
    put_rules()
    given = {"--as": "U0ANA", "--in": "C0DEPLOYS", "--member-of": "S0RELEASE"} | {option: value}
    words = [word for pair in given.items() for word in pair]
    result = CliRunner().invoke(main, ["explain", *words, "deploy prod"])
    assert result.exit_code == 2
    assert f"{option} takes an id of Slack's, not '{value}'." in result.output


def test_matrix_is_a_table_a_page_or_json() -> None:
    put_rules()
    table = CliRunner().invoke(main, ["rules"])
    assert table.exit_code == 0
    assert table.output == CliRunner().invoke(main, ["rules", "--table"]).output
    assert table.output.startswith("C0DEPLOYS  (oec.yml:")
    one = CliRunner().invoke(main, ["rules", "--json", "--in", "C0SUPPORT"])
    assert {cell["channel"] for cell in json.loads(one.output)} == {"C0SUPPORT"}
    page = CliRunner().invoke(main, ["rules", "--html", "matrix.html"])
    assert page.exit_code == 0
    assert Path("matrix.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--json", "--html"], "Choose one of"),
        (["oec.yml", "--rules", "oec.yml"], "Name the rules file once"),
        (["--html", "oec.yml"], "Say `oec-bot rules oec.yml --html oec.html`."),
        (["--html", "other.YAML"], "other.YAML is the name of a rules file"),
        (["oec.yml", "--html", "history.db"], "history.db exists and is no page of the rules."),
        (["--in", "C0NOWHERE"], "The file does not speak of C0NOWHERE"),
        (["--html", "no/such/folder.html"], "cannot be written: No such file or directory."),
        (["--rules", "none.yml"], "none.yml:1: the rules file /"),
    ],
)
def test_matrix_that_cannot_be_shown_ends_with_two_and_leaves_everything_as_it_is(
    arguments: list[str], words: str
) -> None:
    put_rules()
    Path("history.db").write_text("precious", encoding="utf-8")
    before = {path: path.read_bytes() for path in Path().iterdir()}
    result = CliRunner().invoke(main, ["rules", *arguments])
    assert result.exit_code == 2
    assert words in result.output
    assert {path: path.read_bytes() for path in Path().iterdir()} == before


def test_page_of_the_rules_goes_where_one_was_before_or_to_the_terminal() -> None:
    put_rules()
    shown = CliRunner().invoke(main, ["rules", "oec.yml", "--html"])
    assert shown.exit_code == 0
    assert shown.output == CliRunner().invoke(main, ["rules", "--html", "-"]).output
    assert shown.output.startswith("<!doctype html>")
    for arguments in (["--html", "matrix.html"], ["--html", "matrix.html", "--in", "C0SUPPORT"]):
        assert CliRunner().invoke(main, ["rules", *arguments]).exit_code == 0
    assert "C0SUPPORT" in Path("matrix.html").read_text(encoding="utf-8")
    assert len(Path("matrix.html").read_text(encoding="utf-8")) < len(shown.output)
    assert sorted(path.name for path in Path().iterdir()) == ["matrix.html", "oec.yml"]
