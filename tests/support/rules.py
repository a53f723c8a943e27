"""Rules for tests, from a text."""

from bot.core.rules import Rules
from bot.rules_file import read_document


def read_rules(text: str, *, name: str = "oec.yml") -> Rules:
    """The rules in a text, whether or not they pass tests of their own; raises `RulesError` with every mistake."""
    return read_document(text, name=name).rules
