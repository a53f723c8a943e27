import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.typed_text import LONGEST_ASK, MOST_WORDS, Bare, Option, read_tokens


def words(text: str) -> list[str]:
    return [token.text for token in read_tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  \t\n ", []),
        ("deploy   prod", ["deploy", "prod"]),
        ("deploy\u00a0prod", ["deploy", "prod"]),
        ("de\u200bploy prod\ufeff", ["deploy", "prod"]),
        ("\u202edeploy\u202c prod", ["deploy", "prod"]),
        ("deploy\x00prod\r\n", ["deploy", "prod"]),
        ("ｄｅｐｌｏｙ　prod", ["deploy", "prod"]),
        ("deploy “prod”", ["deploy", "prod"]),
        ("deploy „prod“", ["deploy", "prod"]),
        ("deploy «prod»", ["deploy", "prod"]),
        ("deploy ‚prod'", ["deploy", "prod"]),
        ("deploy `prod`", ["deploy", "prod"]),
        ("*deploy prod*", ["deploy", "prod"]),
        ("deploy prod.", ["deploy", "prod"]),
        ("deploy prod!", ["deploy", "prod"]),
        ("quick‑update prod", ["quick-update", "prod"]),
        ("L’Atelier/production", ["L'Atelier/production"]),
        ("deploy a &amp;&lt;b", ["deploy", "a", "&<b"]),
        ("deploy <http://erp.example|erp.example>", ["deploy", "erp.example"]),
        ("deploy <https://erp.example>", ["deploy", "https://erp.example"]),
        ("deploy <#C0DEPLOYS|deploys>", ["deploy", "#deploys"]),
        ("deploy <#C0SECRET|>", ["deploy", "#C0SECRET"]),
        ("deploy <@U0ANA|ana>", ["deploy", "@U0ANA"]),
        ("<!channel> deploy", ["!channel", "deploy"]),
    ],
)
def test_what_keyboards_and_slack_add_is_taken_away(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "/oec status",
        "@oec status",
        "@oec: status",
        "<@U0OECBOT> status",
        "<@U0OECBOT|oec>, status",
        "/OEC status",
        "<@U0OECBOT> /oec status",
        "/oec-test status",
    ],
)
def test_leading_mention_of_the_bot_is_no_word(text: str) -> None:
    assert words(text) == ["status"]


def test_mention_alone_leaves_nothing() -> None:
    assert words("<@U0OECBOT>") == []


def test_somebody_elses_name_stays_a_word() -> None:
    assert words("@ursula status") == ["@ursula", "status"]


@pytest.mark.parametrize(
    "text", ["modules=sale,stock", "modules = sale , stock", "--modules= sale, stock", "Modules=sale、stock"]
)
def test_option_keeps_its_whole_list(text: str) -> None:
    assert read_tokens(text) == (Option("modules", "sale,stock", 0),)


def test_words_with_commas_between_share_a_chunk() -> None:
    assert read_tokens("prod sale, stock") == (
        Bare("prod", 0),
        Bare("sale", 1, listed=True),
        Bare("stock", 1, listed=True),
    )


def test_comma_without_a_neighbour_lists_nothing() -> None:
    assert read_tokens("prod,") == (Bare("prod", 0),)


@given(st.text(max_size=200))
def test_any_text_becomes_words_without_blanks_or_hidden_characters(text: str) -> None:
    for word in words(text):
        assert word
        assert not any(character.isspace() or character in "\u200b\u202e\x00" for character in word)


@pytest.mark.parametrize(
    "text", ["m " * 5_000, "m," * 5_000, "m , " * 2_500, "a=b " * 2_500, "\ufdfa" * 10_000]
)
def test_request_of_thousands_of_words_is_read_as_far_as_any_can_go(text: str) -> None:
    tokens = read_tokens(text)
    assert len(tokens) <= MOST_WORDS + 1
    assert sum(len(token.text) for token in tokens) <= LONGEST_ASK + MOST_WORDS


@pytest.mark.parametrize(
    "text", ["restart prod" + " x" * MOST_WORDS, "restart prod " + "\u200b" * LONGEST_ASK + "x"]
)
def test_request_that_was_not_read_to_its_end_ends_in_what_is_no_word(text: str) -> None:
    assert read_tokens(text)[-1].text.strip(".…") == ""
