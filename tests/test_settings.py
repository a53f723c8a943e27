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
    Address,
    Settings,
    SettingsError,
    WebhookSettings,
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
            "OEC_LISTEN": "127.0.0.1:8080",
            "OEC_WEBHOOK_SECRET": "whsec_0123456789",
            "OEC_WEBHOOK_OLD_SECRET": "whsec_9876543210",
            "OEC_WEBHOOK_HEADER": "X-Oec-Signature",
            "OEC_WEBHOOK_ENCODING": "base64",
            "OEC_WEBHOOK_PREFIX": "none",
            "OEC_WEBHOOK_TIME_HEADER": "X-Oec-Time",
        }
    )
    assert found.slack_api_url == "http://127.0.0.1:8420/api/"
    assert found.oec_api_url == "http://localhost:8421/api/public/v1"
    assert (found.rules, found.database) == (Path("acme.yml"), Path("/data/bot.db"))
    assert (found.slack_signing_secret, found.oec_read_key) == (
        "0123456789abcdef",
        "oec_live_ro_canary0000000000000000",
    )
    assert found.listen == Address("127.0.0.1", 8080)
    secrets = ("whsec_0123456789", "whsec_9876543210")
    assert found.webhook == WebhookSettings(secrets, "X-Oec-Signature", "base64", "", "X-Oec-Time")


def test_webhook_with_its_secret_alone_has_the_usual_signature() -> None:
    found = read_settings(GOOD | {"OEC_LISTEN": ":8080", "OEC_WEBHOOK_SECRET": "whsec_0123456789"})
    assert found.webhook == WebhookSettings(
        ("whsec_0123456789",), "X-Webhook-Signature", "hex", "sha256=", None
    )
    assert found.warnings == ()


def test_signing_secret_and_an_address_will_do_instead_of_an_app_token() -> None:
    given_settings = {name: value for name, value in GOOD.items() if name != "SLACK_APP_TOKEN"}
    found = read_settings(
        given_settings | {"SLACK_SIGNING_SECRET": "0123456789abcdef", "OEC_LISTEN": "[::]:0"}
    )
    assert found.slack_app_token is None
    assert found.listen == Address("::", 0)
    assert found.warnings == ()


def test_signing_secret_alone_wants_an_address_to_listen_at() -> None:
    (mistake,) = mistakes_in(SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET="canary")
    assert mistake.startswith("OEC_LISTEN is not set")
    assert "0.0.0.0:8080" in mistake


def test_app_token_wins_over_the_signing_secret_and_that_is_said_where_there_is_a_choice() -> None:
    both = GOOD | {"SLACK_SIGNING_SECRET": "canary"}
    assert read_settings(both).warnings == ()
    (warning,) = read_settings(both | {"OEC_LISTEN": "0.0.0.0:8080"}).warnings
    assert "Socket Mode, not by HTTP" in warning
    assert SECRET not in warning


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("0.0.0.0:8080", Address("0.0.0.0", 8080)),
        (":8080", Address("0.0.0.0", 8080)),
        ("localhost:0", Address("localhost", 0)),
        ("[::1]:65535", Address("::1", 65535)),
        ("bot.example:80", Address("bot.example", 80)),
    ],
)
def test_address_to_listen_at_is_a_host_and_a_port(value: str, address: Address) -> None:
    found = read_settings(GOOD | {"OEC_LISTEN": value}).listen
    assert found == address
    assert str(found) == (value if value != ":8080" else "0.0.0.0:8080")


@pytest.mark.parametrize(
    "value",
    [
        "8080",
        "localhost",
        "localhost:",
        "localhost:http",
        "::1:80",
        "a:65536",
        "a:٣",
        "http://a:80",
        "a b:80",
    ],
)
def test_what_is_no_address_to_listen_at_is_named(value: str) -> None:
    (mistake,) = mistakes_in(OEC_LISTEN=value)
    assert mistake == "OEC_LISTEN must be an address and a port, such as 0.0.0.0:8080."


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("OEC_WEBHOOK_HEADER", "X Signature", "name of a header"),
        ("OEC_WEBHOOK_HEADER", "X-Signature:", "name of a header"),
        ("OEC_WEBHOOK_TIME_HEADER", "é", "name of a header"),
        ("OEC_WEBHOOK_ENCODING", "HEX", "hex or base64"),
        ("OEC_WEBHOOK_PREFIX", "é", "plain letters"),
        ("OEC_WEBHOOK_PREFIX", "x" * 51, "plain letters"),
        ("OEC_WEBHOOK_SECRET", "two canaries", "blanks or quotes"),
        ("OEC_WEBHOOK_OLD_SECRET", "xoxb-canary", "holds a bot token"),
    ],
)
def test_way_of_signing_that_cannot_be_is_named(name: str, value: str, words: str) -> None:
    webhook = {"OEC_LISTEN": ":8080", "OEC_WEBHOOK_SECRET": "whsec_canary"}
    (mistake,) = mistakes_in(**(webhook | {name: value}))
    assert mistake.startswith(f"{name} ")
    assert words in mistake


@pytest.mark.parametrize("name", [name for name in VARIABLES if name.startswith("OEC_WEBHOOK_")])
def test_webhook_setting_that_does_nothing_alone_says_what_is_missing(name: str) -> None:
    value = {"OEC_WEBHOOK_ENCODING": "hex"}.get(name, "word")
    (mistake,) = mistakes_in(**{name: value})
    missing = "OEC_LISTEN" if name == "OEC_WEBHOOK_SECRET" else "OEC_WEBHOOK_SECRET"
    assert mistake.startswith(f"{name} does nothing without {missing}.")


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
