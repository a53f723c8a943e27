"""Blocks: however much is put in, what comes out is within Slack's limits, and nothing is left out silently."""

from bot.views import buttons
from bot.views.blocks import (
    actions,
    button,
    context,
    header,
    home,
    message,
    modal,
    paragraphs,
    plain_words,
    preformatted,
    section,
    text_input,
)
from bot.views.marked import Marked, code, joined, mention
from tests.views.snapshots import breaches

LONG = Marked("word " * 2000)


def lines_of(number: int, *, width: int = 100) -> str:
    """So many numbered lines."""
    return "\n".join(f"{n:04} " + "x" * width for n in range(number))


def log_of(blocks: tuple[dict[str, object], ...]) -> str:
    """The text of preformatted blocks."""
    return "\n".join(block["elements"][0]["elements"][0]["text"] for block in blocks)  # type: ignore[index]


def test_every_oversize_part_is_cut() -> None:
    row = actions(*[button(f"{'k' * 20}", "v" * 3000, "label " * 50, nth=n) for n in range(40)])
    shown = message(LONG, section(LONG), context(LONG, *[LONG] * 20), header("title " * 90), row)
    assert breaches(shown) == []


def test_every_oversize_field_is_cut() -> None:
    field = text_input("reason", "label " * 900, hint="hint " * 900)
    shown = modal(
        "kind",
        "s" * 9000,
        title="A title that is too long",
        submit="Also far too long a word",
        blocks=[field],
    )
    assert breaches(shown) == []


def test_cut_section_keeps_mentions_and_code_whole() -> None:
    text = joined([code("name"), mention("U0ANA")] * 400, " ")
    shown = section(text)["text"]["text"]
    assert shown.endswith("…")
    assert shown.count("<") == shown.count(">")
    assert shown.count("`") % 2 == 0


def test_blocks_left_out_are_counted() -> None:
    shown = message(Marked("state"), *[section(Marked(f"part {n}")) for n in range(80)])
    assert breaches(shown) == []
    assert shown.blocks[-1]["text"]["text"] == "… and 31 more parts that do not fit here"
    assert breaches(home(*[section(Marked("x"))] * 150)) == []


def test_message_of_a_line_alone_is_that_line() -> None:
    shown = message(Marked("two\n lines"))
    assert shown.text == "two lines"
    assert shown.blocks[0]["text"]["text"] == "two lines"


def test_nothing_to_show_is_no_block() -> None:
    assert context(None, Marked("")) is None
    assert actions() is None


def test_paragraphs_share_blocks_and_lose_nothing() -> None:
    parts = [Marked(f"paragraph {n} " + "x" * 200) for n in range(100)]
    blocks = paragraphs(parts)
    shown = "\n\n".join(block["text"]["text"] for block in blocks)
    assert shown == "\n\n".join(parts)
    assert len(blocks) < 10


def test_section_takes_foreign_text_only_as_text() -> None:
    assert section("<!channel>")["text"]["text"] == "&lt;!channel&gt;"  # type: ignore[arg-type]


def test_log_that_fits_is_shown_whole() -> None:
    text = lines_of(5)
    assert log_of(preformatted(text)) == text


def test_log_that_does_not_fit_keeps_the_whole_lines_of_its_end() -> None:
    shown = log_of(preformatted(lines_of(100), parts=2))
    assert shown.startswith("…\n")
    assert shown.splitlines()[1:] == lines_of(100).splitlines()[-len(shown.splitlines()) + 1 :]


def test_log_keeps_its_marks_as_they_are() -> None:
    assert log_of(preformatted("<!channel> *x* `y`\n\x1b[31mred\x1b[0m")) == "<!channel> *x* `y`\nred"


def test_empty_log_is_still_a_block() -> None:
    assert breaches(message(Marked("state"), *preformatted(""))) == []


def test_field_is_found_by_its_name_twice() -> None:
    field = text_input(buttons.NAME_FIELD, "Name")
    assert field["block_id"] == field["element"]["action_id"] == buttons.NAME_FIELD
    assert field["element"]["focus_on_load"] is True


def test_words_shown_as_they_are_hold_no_marks() -> None:
    assert plain_words("<!channel>\nnow") == "‹!channel› now"
