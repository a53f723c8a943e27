"""What operators read holds no secret of Slack's."""

import io
import logging

import pytest

from bot.slack.redaction import RedactingFilter, quieten_slack_loggers, redact

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


@pytest.mark.parametrize("text", ["deploying prod failed: 403", "no ticket today", "xox is no token", ""])
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


def test_slack_libraries_stay_above_debug() -> None:
    quieten_slack_loggers()
    assert logging.getLogger("slack_sdk.web").getEffectiveLevel() >= logging.INFO
    assert logging.getLogger("slack_bolt.app").getEffectiveLevel() >= logging.INFO
