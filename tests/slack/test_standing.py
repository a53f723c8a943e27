"""Operators hear of what only they can set right: in one line, once, and again when it is well."""

from bot.core.errors import ChatRefusedError
from bot.slack.standing import Standing
from bot.slack.verdicts import find_cure


def refused(error: str) -> ChatRefusedError:
    return ChatRefusedError(error, cure=find_cure(error))


def test_token_that_is_not_taken_is_told_once_and_when_it_is_taken_again() -> None:
    lines: list[str] = []
    standing = Standing(lines.append)
    for _ in range(3):
        standing.note_refusal(refused("token_revoked"))
    assert len(lines) == 1
    assert "SLACK_BOT_TOKEN (token_revoked)" in lines[0]
    for _ in range(2):
        standing.note_success()
    assert len(lines) == 2
    assert "again" in lines[1]
    standing.note_refusal(refused("token_revoked"))
    assert len(lines) == 3


def test_app_that_lacks_a_scope_is_told_with_what_to_do() -> None:
    lines: list[str] = []
    standing = Standing(lines.append)
    for _ in range(2):
        standing.note_refusal(refused("missing_scope"))
    [line] = lines
    assert "missing_scope" in line
    assert "install it again from manifest.yml" in line


def test_refusal_of_one_message_is_nothing_to_operators() -> None:
    lines: list[str] = []
    for error in ("message_not_found", "not_in_channel", "brand_new_error"):
        Standing(lines.append).note_refusal(refused(error))
    assert lines == []
