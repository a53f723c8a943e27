"""What operators read holds no secret of Slack's."""

import base64
import io
import logging
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.redaction import RedactingFilter, disguises_of, make_printable, quieten_slack_loggers, redact

SECRET = "sandbox0000000000"


@pytest.mark.parametrize(
    "text",
    [
        f"token xoxb-1234567-{SECRET}",
        f"token xoxp-{SECRET}",
        f"rotated xoxe.xoxb-1-{SECRET}",
        f"refresh xoxe-1-{SECRET}",
        f"app xapp-1-A0OECBOT-1234567-{SECRET}",
        f"workflow xwfp-{SECRET}",
        f"Failed to connect wss://example/link/?ticket={SECRET}&app_id=A1",
        f"posted to https://hooks.slack.com/commands/T0ACME/1234567/{SECRET}",
        f"{{'response_url': 'http://127.0.0.1:8420/commands/T0ACME/{SECRET}'}}",
        f'{{"response_url": "http://127.0.0.1:8420/commands/T0ACME/{SECRET}"}}',
        f"Authorization: Bearer {SECRET}",
        f"key oec_live_rw_{SECRET}",
        f"key oec_live_rw_begins-{SECRET}",
        f'{{"trigger_id": "{SECRET}"}}',
        f"webhook whsec_{SECRET}",
    ],
)
def test_secret_is_struck_out(text: str) -> None:
    assert SECRET not in redact(text)
    assert "•••" in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "deploying prod failed: 403",
        "a key with full access (oec_live_rw_…)",
        "no ticket today",
        "xox is no token",
        "",
    ],
)
def test_words_without_secrets_stay(text: str) -> None:
    assert redact(text) == text


def test_rest_of_the_line_stays_readable() -> None:
    line = redact(f"Failed to connect wss://example/link/?ticket={SECRET}&app_id=A1 (error: 403)")
    assert line == "Failed to connect wss://example/link/?ticket=•••&app_id=A1 (error: 403)"


@pytest.fixture
def printed() -> tuple[logging.Logger, io.StringIO]:
    """A logger whose lines pass the filter, and what it printed."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    logger = logging.getLogger("test.redaction")
    logger.setLevel(logging.INFO)
    logger.handlers = [handler]
    return logger, stream


def test_arguments_of_a_line_are_redacted(printed: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = printed
    logger.info("opening %s for %d", f"ticket={SECRET}", 3)
    assert stream.getvalue() == "opening ticket=••• for 3\n"


def test_traceback_is_redacted(printed: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = printed
    try:
        int(f"no answer from wss://example/?ticket={SECRET}")
    except ValueError:
        logger.exception("lost")
    assert SECRET not in stream.getvalue()
    assert "no answer from wss://example/?ticket=•••" in stream.getvalue()


def test_secret_that_looks_like_none_is_hidden_once_it_is_known() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    redacting = RedactingFilter()
    redacting.hide(["plain+words/that-sign=all"])
    handler.addFilter(redacting)
    logger = logging.getLogger("test.redaction.known")
    logger.handlers = [handler]
    for disguise in ("{}", "x={}&y", "'{}'"):
        logger.error(disguise.format("plain+words/that-sign=all"))
        logger.error(disguise.format(quote("plain+words/that-sign=all", safe="")))
    assert "plain" not in stream.getvalue()
    assert stream.getvalue().count("•••") == 6


@given(before=st.binary(max_size=5), after=st.binary(max_size=5))
def test_known_secret_is_found_within_anything_written_in_base_64(before: bytes, after: bytes) -> None:
    secret = "xoxb-1234567-0123456789abcdef?>"
    written = base64.b64encode(before + secret.encode() + after).decode()
    assert any(form in written for form in disguises_of(secret))
    assert any(form in written.replace("+", "-").replace("/", "_") for form in disguises_of(secret))


def test_word_too_short_to_be_a_secret_is_no_reason_to_hide_anything() -> None:
    assert all(len(form) > 5 for form in disguises_of("a"))


@pytest.mark.parametrize(
    "url", ["http://me:{}@proxy.example:3128", "https://:{}@proxy.example/", "wss://me:{}@h.example/x?y"]
)
def test_password_within_an_address_is_struck_out(url: str) -> None:
    assert "hunter-two" not in redact(f"connecting to {url.format('hunter-two')} in vain")


@pytest.mark.parametrize("text", ["see https://erp.example/a:b@c", "at 12:30 by a@b.example"])
def test_address_without_a_password_stays(text: str) -> None:
    assert redact(text) == text


def test_foreign_line_breaks_make_no_lines_of_the_log(printed: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = printed
    logger.error("oec.sh says: %s", "no\n2026-11-22 ERROR bot: all is lost\x1b[2J\u2028\u202e\ud800")
    assert stream.getvalue() == (
        "oec.sh says: no\\n2026-11-22 ERROR bot: all is lost\\x1b[2J\\u2028\\u202e\\ud800\n"
    )


def test_printable_text_stays() -> None:
    assert make_printable("✓ déjà vu – 100 %") == "✓ déjà vu – 100 %"


def test_slack_libraries_stay_above_debug() -> None:
    quieten_slack_loggers()
    assert logging.getLogger("slack_sdk.web").getEffectiveLevel() >= logging.INFO
    assert logging.getLogger("slack_bolt.app").getEffectiveLevel() >= logging.INFO
