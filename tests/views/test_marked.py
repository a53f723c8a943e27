"""Foreign text in markup: it can neither ping, nor format, nor break a line; our own words stay as they are."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.views.marked import (
    Marked,
    bold,
    channel,
    clean,
    code,
    codes,
    cut,
    cut_marked,
    date,
    dotted,
    group,
    host_link,
    joined,
    lines,
    link,
    mention,
    message_link,
    plain,
    say,
    units,
)

ANYTHING = st.text(st.characters(codec=None, exclude_categories=()), max_size=300)


def test_own_words_with_parts_escape_only_what_is_foreign() -> None:
    assert say("{} & {}", mention("U0ANA"), "<@U0BEN>") == "<@U0ANA> & &lt;@U0BEN&gt;"


def test_braces_in_foreign_text_fill_nothing() -> None:
    assert say("{} and {}", "{0}", "{1!r}") == "{0} and {1!r}"


def test_marked_text_put_together_by_hand_is_escaped_again() -> None:
    assert say("{}", f"{mention('U0ANA')}") == "&lt;@U0ANA&gt;"


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("<!channel> *bold* _it_ ~no~ `x`", "&lt;!channel&gt; ∗bold∗ ＿it＿ ∼no∼ ˋxˋ"),
        ("sale_order_line", "sale_order_line"),
        ("__init__", "＿＿init＿＿"),
        ("> quoted", "› quoted"),
        (":tada: at 12:30", "∶tada: at 12:30"),
        ("@channel, @Here and ana@example.com", "＠\u2060channel, ＠\u2060Here and ana@example.com"),
        ("two\nlines\r\nand\u2028more", "two lines and more"),
        ("\u202egnp.exe\u200b\x00", "gnp.exe"),
        ("a & b &lt;", "a &amp; b &amp;lt;"),
        ("Müller 株式会社 🚀", "Müller 株式会社 🚀"),
        ("\ud800", ""),
    ],
)
def test_foreign_text_is_neutral(foreign: str, shown: str) -> None:
    assert plain(foreign) == shown


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("main`; <!here>", "`mainˋ; &lt;!here&gt;`"),
        ("", "`–`"),
        ("  \n ", "`–`"),
        ("feature/a_b-c", "`feature/a_b-c`"),
        ("x" * 100, f"`{'x' * 79}…`"),
    ],
)
def test_foreign_text_in_code_cannot_leave_its_span(foreign: str, shown: str) -> None:
    assert code(foreign) == shown


def test_piled_up_marks_are_thinned_out() -> None:
    assert clean("a" + "\u0301" * 50) == "a" + "\u0301" * 4


def test_several_names_that_do_not_fit_are_counted() -> None:
    assert codes(["sale", "stock"]) == "`sale`, `stock`"
    assert codes(["sale"] * 10, room=20) == "`sale`, `sale` and 8 more"


def test_lines_and_dots_leave_out_what_is_not_there() -> None:
    assert dotted(Marked("a"), None, Marked(""), Marked("b")) == "a · b"
    assert lines(None, Marked("a")) == "a"
    assert joined([], ", ") == ""


@pytest.mark.parametrize("made", [mention, group, channel])
def test_odd_ids_become_names(made: object) -> None:
    assert callable(made)
    assert made("U0ANA> <!channel") == "`U0ANA&gt; &lt;!channel`"


def test_ids_become_people_groups_and_channels() -> None:
    assert (mention("U0ANA"), group("S0REL"), channel("C0OPS")) == (
        "<@U0ANA>",
        "<!subteam^S0REL>",
        "<#C0OPS>",
    )


HOSTILE = [
    "http://erp.example",
    "javascript:alert(1)",
    "javascript://127.0.0.1/%0aalert(1)",
    "https://good.example@evil.example/",
    "https://evil.example/|label>",
    "https://evil.example/ <!channel>",
    "https://" + "a" * 3000,
    "https://еrp.example",  # a Cyrillic е
    "http://127.0.0.1.evil.example/",
    "http://localhost.evil.example/",
    "http://127.0.0.1@evil.example/",
    "http://127.0.0.1:8420@evil.example/",
    "http://127.0.0.1\\@evil.example/",
    "http://127.0.0.1|evil>/",
    "http://127.0.0.1/<!channel>",
    "http://127.0.0.1/\n<!channel>",
    "http://10.0.0.1/",
    "http://0.0.0.0/",
    "http://127.1/" + "a" * 3000,
    "ftp://127.0.0.1/",
    "//127.0.0.1/",
    "",
]
HERE = ["http://127.0.0.1:8420/archives/C0/p1", "http://localhost/archives/C0/p1?thread_ts=1.2&cid=C0"]


@pytest.mark.parametrize("url", [*HOSTILE, *HERE])
def test_link_that_is_not_honest_is_only_its_text(url: str) -> None:
    assert link(url, "the site") == "the site"


@pytest.mark.parametrize("url", HOSTILE)
def test_link_to_a_message_that_leads_nowhere_is_nothing(url: str) -> None:
    assert message_link(url, "its card") is None
    assert message_link(None, "its card") is None


@pytest.mark.parametrize("url", ["https://team.slack.example/archives/C0/p1?thread_ts=1.2&cid=C0", *HERE])
def test_link_to_a_message_in_slack_or_on_this_machine_is_one(url: str) -> None:
    assert message_link(url, "its <card>") == f"<{url.replace('&', '&amp;')}|its &lt;card&gt;>"


def test_honest_link_is_one() -> None:
    assert link("https://erp.example/web?a=1&b=2", "a|b>") == "<https://erp.example/web?a=1&amp;b=2|a|b&gt;>"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://erp.client.example/web", "<https://erp.client.example/web|erp.client.example>"),
        ("erp.client.example", "erp.client.example"),
        ("http://[broken", "http://[broken"),
    ],
)
def test_site_is_shown_by_its_host(url: str, shown: str) -> None:
    assert host_link(url) == shown


def test_moment_is_shown_in_the_readers_zone_with_a_fallback() -> None:
    at = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)
    assert date(at) == "<!date^1795185120^{time}|14:32 UTC>"
    assert date(at, "{date_short_pretty} {time}").endswith("|2026-11-20 14:32 UTC>")


def test_bold_keeps_what_is_marked() -> None:
    assert bold(code("prod")) == "*`prod`*"


@given(ANYTHING)
@settings(deadline=None)
def test_no_foreign_text_holds_open_marks_or_line_breaks(foreign: str) -> None:
    for shown in (plain(foreign), code(foreign)):
        assert not set("<>\n\r*~") & set(shown.replace("&lt;", "").replace("&gt;", ""))
        shown.encode()


@given(ANYTHING, st.integers(1, 50))
@settings(deadline=None)
def test_cut_text_never_exceeds_its_limit(foreign: str, limit: int) -> None:
    assert units(cut(foreign, limit)) <= limit
    assert units(code(foreign, limit=limit)) <= limit * 5 + 2


@given(st.lists(ANYTHING, max_size=8), st.integers(10, 120))
@settings(deadline=None)
def test_cut_markup_stays_whole(parts: list[str], limit: int) -> None:
    text = joined([say("{} {} {}", code(part), mention("U0ANA"), part) for part in parts], " · ")
    shown = cut_marked(text, limit)
    assert units(shown) <= limit
    assert shown.count("`") % 2 == 0
    assert shown.count("<") == shown.count(">")
    assert "&" not in shown.replace("&lt;", "").replace("&gt;", "").replace("&amp;", "")
