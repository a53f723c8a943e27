import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.settings import (
    OEC_API_URL,
    SLACK_API_URL,
    VARIABLES,
    Settings,
    SettingsError,
    read_environment,
    read_settings,
)

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-canary-bot",
    "SLACK_APP_TOKEN": "xapp-canary-app",
    "OEC_API_KEY": "oec_live_rw_canary0000000000000000",
}
SECRET = "canary"


def read(environment: Mapping[str, str]) -> Settings | SettingsError:
    """The settings, or why there are none."""
    try:
        return read_settings(environment)
    except SettingsError as error:
        return error


def mistakes_in(**changes: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_settings(GOOD | changes)
    assert SECRET not in str(caught.value)
    return caught.value.mistakes


def test_three_secrets_are_enough() -> None:
    assert read_settings(GOOD) == Settings("xoxb-canary-bot", "xapp-canary-app", GOOD["OEC_API_KEY"])


def test_everything_may_be_set() -> None:
    found = read_settings(
        GOOD
        | {
            "SLACK_SIGNING_SECRET": "0123456789abcdef",
            "SLACK_API_URL": "http://127.0.0.1:8420/api",
            "OEC_READ_KEY": "oec_live_ro_canary0000000000000000",
            "OEC_API_URL": "http://localhost:8421/api/public/v1/",
            "OEC_RULES": "acme.yml",
            "OEC_DATABASE": "/data/bot.db",
        }
    )
    assert found.slack_api_url == "http://127.0.0.1:8420/api/"
    assert found.oec_api_url == "http://localhost:8421/api/public/v1"
    assert (found.rules, found.database) == (Path("acme.yml"), Path("/data/bot.db"))
    assert (found.slack_signing_secret, found.oec_read_key) == (
        "0123456789abcdef",
        "oec_live_ro_canary0000000000000000",
    )
    assert found.warnings == ()


def test_empty_variable_counts_as_not_set() -> None:
    empty = dict.fromkeys(set(VARIABLES) - set(GOOD), "  ")
    assert read_settings(GOOD | empty) == read_settings(GOOD)


def test_blanks_around_a_value_do_not_count() -> None:
    assert read_settings({name: f" {value}\n" for name, value in GOOD.items()}) == read_settings(GOOD)


def test_nothing_set_names_every_needed_variable_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({})
    assert [mistake.split(" is not set: ")[0] for mistake in caught.value.mistakes] == list(GOOD)
    assert str(caught.value) == "\n".join(caught.value.mistakes)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SLACK_BOT_TOKEN", "xapp-canary", "holds an app-level token"),
        ("SLACK_BOT_TOKEN", "xoxp-canary", "holds a user token"),
        ("SLACK_BOT_TOKEN", "xoxe.xoxb-canary", "refreshing"),
        ("SLACK_BOT_TOKEN", "canary", "does not look right"),
        ("SLACK_BOT_TOKEN", "oec_live_rw_canary", "holds a full-access oec.sh key"),
        ("SLACK_BOT_TOKEN", 'xoxb-canary"', "blanks or quotes"),
        ("SLACK_BOT_TOKEN", "xoxb-canary xapp-canary", "blanks or quotes"),
        ("SLACK_BOT_TOKEN", "xoxb-canary\u200b", "blanks or quotes"),
        ("SLACK_APP_TOKEN", "xapp-canaryé", "letters in it that no token"),
        ("OEC_API_KEY", "oec_live_rw_canary" + "é" * 43, "letters in it that no token"),
        ("SLACK_APP_TOKEN", "xoxb-canary", "holds a bot token"),
        ("SLACK_SIGNING_SECRET", "xapp-canary", "holds an app-level token"),
        ("OEC_API_KEY", "oec_live_ro_canary", "holds a read-only oec.sh key"),
        ("OEC_API_KEY", "Bearer oec_live_rw_canary", "does not look right"),
        ("OEC_READ_KEY", "xoxb-canary", "holds a bot token"),
    ],
)
def test_secret_of_the_wrong_kind_is_named_without_being_shown(name: str, value: str, words: str) -> None:
    (mistake,) = mistakes_in(**{name: value})
    assert mistake.startswith(f"{name} ")
    assert words in mistake


def test_swapped_slack_tokens_are_told_as_one_mistake() -> None:
    (mistake,) = mistakes_in(SLACK_BOT_TOKEN="xapp-canary", SLACK_APP_TOKEN="xoxb-canary")
    assert "are swapped" in mistake


@pytest.mark.parametrize("name", ["SLACK_API_URL", "OEC_API_URL"])
@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("api.example", "must be an address"),
        ("ftp://api.example", "must be an address"),
        ("https://", "must be an address"),
        ("https://api.example:99999/", "must be an address"),
        ("https://[::1/", "must be an address"),
        ("https://api.example:0/", "must be an address"),
        ("http://api.example/", "https://"),
        ("http://127.0.0.1.example/", "https://"),
        ("http://localhost.example/", "https://"),
        ("http://10.0.0.1/", "https://"),
        ("https://canary:canary@api.example/", "plain address"),
        ("https://api.example/?key=canary", "plain address"),
        ("https://api.example/#x", "plain address"),
    ],
)
def test_address_that_would_not_do_is_refused(name: str, value: str, words: str) -> None:
    (mistake,) = mistakes_in(**{name: value})
    assert mistake.startswith(f"{name} ")
    assert words in mistake


@pytest.mark.parametrize(
    "value",
    ["https://slack.example/api", "http://127.0.0.1:1/api/", "http://localhost/api", "http://[::1]:8420/api"],
)
def test_https_anywhere_and_http_to_this_machine_will_do(value: str) -> None:
    assert read_settings(GOOD | {"SLACK_API_URL": value}).slack_api_url == value.rstrip("/") + "/"
    assert read_settings(GOOD | {"OEC_API_URL": value}).oec_api_url == value.rstrip("/")


def test_mistakes_of_several_variables_come_together() -> None:
    found = mistakes_in(SLACK_BOT_TOKEN="", OEC_API_KEY="canary", OEC_API_URL="canary")
    assert [mistake.split(" ")[0] for mistake in found] == ["SLACK_BOT_TOKEN", "OEC_API_KEY", "OEC_API_URL"]


def test_mistyped_variable_is_a_warning_and_foreign_ones_are_not() -> None:
    found = read_settings(GOOD | {"OEC_RULE": "x", "OEC_FROBNICATE": "x", "SLACK_TEAM": "x", "PATH": "/bin"})
    assert found.warnings == (
        "OEC_FROBNICATE is no setting of this bot.",
        "OEC_RULE is no setting of this bot. Did you mean OEC_RULES?",
    )


def test_full_key_for_reading_is_a_warning() -> None:
    (warning,) = read_settings(GOOD | {"OEC_READ_KEY": GOOD["OEC_API_KEY"]}).warnings
    assert "OEC_READ_KEY" in warning
    assert SECRET not in warning


def test_secrets_stay_out_of_the_repr() -> None:
    found = read_settings(GOOD | {"OEC_READ_KEY": "oec_live_ro_canary", "SLACK_SIGNING_SECRET": "canary"})
    assert SECRET not in repr(found)
    assert "oec.yml" in repr(found)
    assert {field.name for field in dataclasses.fields(found) if not field.repr} == {
        "slack_bot_token",
        "slack_app_token",
        "slack_signing_secret",
        "oec_api_key",
        "oec_read_key",
    }


def test_defaults_are_the_real_services() -> None:
    found = read_settings(GOOD)
    assert (found.slack_api_url, found.oec_api_url) == (SLACK_API_URL, OEC_API_URL)
    assert (found.rules, found.database) == (Path("oec.yml"), Path("oec-bot.db"))


def test_variables_of_the_process_win_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "OEC_RULES=from-file.yml\nOEC_DATABASE='from $HOME file.db'\nOEC_EMPTY\n", encoding="utf-8"
    )
    monkeypatch.setenv("OEC_RULES", "from-process.yml")
    monkeypatch.delenv("OEC_DATABASE", raising=False)
    found = read_environment(dotenv)
    assert found["OEC_RULES"] == "from-process.yml"
    assert found["OEC_DATABASE"] == "from $HOME file.db"
    assert "OEC_EMPTY" not in found


def test_file_that_is_no_text_is_a_mistake(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_bytes(b"SLACK_BOT_TOKEN=\xff\xfe\n")
    with pytest.raises(SettingsError, match="no UTF-8 text"):
        read_environment(dotenv)


@pytest.mark.parametrize("name", [None, "missing.env"])
def test_without_a_file_there_is_the_process_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    monkeypatch.setenv("OEC_RULES", "from-process.yml")
    assert read_environment(tmp_path / name if name else None)["OEC_RULES"] == "from-process.yml"


VALUES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["xoxb-", "xapp-", "oec_live_rw_", "oec_live_ro_", "http://"]).flatmap(
        lambda prefix: st.text(max_size=20).map(lambda rest: prefix + rest)
    ),
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(list(VARIABLES)), VALUES))
def test_any_values_are_settings_or_mistakes_that_repeat_no_secret(given_values: Mapping[str, str]) -> None:
    hidden = {name: f"{value}canary" for name, value in given_values.items()}
    outcome = read(hidden)
    if isinstance(outcome, SettingsError):
        assert outcome.mistakes
        assert SECRET not in str(outcome)
    else:
        assert outcome.slack_bot_token.startswith("xoxb-")
