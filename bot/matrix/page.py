"""The matrix as a page of its own: no script, nothing loaded from anywhere, light and dark, readable on a phone."""

from collections.abc import Iterable, Iterator
from html import escape

from bot.core.rules import Rules
from bot.matrix import Channel
from bot.matrix.rows import NOBODY, Row, find_rows
from bot.matrix.table import HEADS

_STYLE = """
:root { color-scheme: light dark; --ink: #1d1c1d; --soft: #616061; --line: #dddddd; --paper: #ffffff; --head: #f6f6f6;
  --go: #0b6b3a; --ask: #8a5a00; --no: #a3242b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --soft: #a9a9a9; --line: #3a3d41; --paper: #1a1d21;
  --head: #222529; --go: #5fd39a; --ask: #e8b34b; --no: #f08a8f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem 1rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .5rem; }
p, .place { color: var(--soft); margin: 0 0 .5rem; font-size: .9rem; font-weight: normal; }
nav { margin: 1rem 0; } nav a { display: inline-block; padding: .25rem .75rem .25rem 0; color: inherit; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: .5rem .6rem; border-bottom: 1px solid var(--line); }
thead th { background: var(--head); font-size: .85rem; color: var(--soft); }
tbody th { font-weight: 600; }
.go { color: var(--go); } .ask { color: var(--ask); } .no { color: var(--no); } .none { color: var(--soft); }
@media (max-width: 44rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, th, td { display: block; border: 0; padding: 0; }
  tr { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .75rem; margin: 0 0 .75rem; }
  td { display: flex; gap: .5rem; padding: .1rem 0; }
  td.none { display: none; }
  td::before { content: attr(data-head); flex: 0 0 7.5rem; color: var(--soft); }
}
"""


BEGINNING = (
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>Who may do what: '
)
"""How every such page begins, and nothing else does."""


def to_page(channels: Iterable[Channel], rules: Rules) -> Iterator[str]:
    """The page, in pieces."""
    name = escape(rules.name)
    yield BEGINNING
    yield (
        f"{name}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>Who may do what: {name}</h1>\n"
        f"<p>Version {escape(rules.digest[:12])}. Members of the team; guests and bots may do only what a line gives them "
        "by their id, people of other workspaces nothing. Of what is not listed, nobody may do anything.</p>\n"
    )
    links = (f'<a href="#{escape(one)}">{escape(one)}</a>' for one in rules.channels)
    yield f'<nav aria-label="Channels">{" ".join(links)}</nav>\n'
    for channel in channels:
        yield from _section(channel, rules)
    yield "</body>\n</html>\n"


def _section(channel: Channel, rules: Rules) -> Iterator[str]:
    id_, place = escape(channel.id), f"{escape(rules.name)}, line {channel.source.line}"
    yield f'<section aria-labelledby="{id_}">\n<h2 id="{id_}">{id_} <span class="place">{place}</span></h2>\n'
    rows = find_rows(channel)
    if rows:
        heads = "".join(f'<th scope="col">{escape(head.capitalize())}</th>' for head in HEADS)
        yield f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"
        yield from (_row(row) for row in rows)
        yield "</tbody>\n</table>\n"
    else:
        yield "<p>Nobody may change anything from here.</p>\n"
    yield "</section>\n"


def _row(row: Row) -> str:
    outcome = row.outcome
    cells = (
        ("", HEADS[1], ", ".join(row.words)),
        ("go", HEADS[2], outcome.at_once),
        ("ask", HEADS[3], outcome.with_approval),
        ("no", HEADS[4], outcome.denied),
    )
    said = "".join(_cell(kind, head, text) for kind, head, text in cells)
    return f'<tr><th scope="row">{escape(", ".join(row.environments))}</th>{said}</tr>\n'


def _cell(kind: str, head: str, text: str) -> str:
    name = "none" if text == NOBODY else kind
    shown = f' class="{name}"' if name else ""
    return f'<td data-head="{escape(head.capitalize())}"{shown}>{escape(text)}</td>'
