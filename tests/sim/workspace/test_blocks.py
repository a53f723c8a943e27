"""Block limits as a table: the largest that passes, the smallest that does not, and where Slack points."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sim.workspace.blocks import HOME, MESSAGE, MODAL, find_block_faults

Json = Any


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(**more: Json) -> Json:
    return {"type": "section", "text": mrkdwn("hello")} | more


def button(**more: Json) -> Json:
    return {"type": "button", "text": plain("Go"), "action_id": "go"} | more


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def option(value: str = "v", text: str = "t", **more: Json) -> Json:
    return {"text": plain(text), "value": value} | more


def select(**more: Json) -> Json:
    return {"type": "static_select", "action_id": "s", "options": [option()]} | more


def text_input(**more: Json) -> Json:
    element = {"type": "plain_text_input", "action_id": "a"} | more
    return {"type": "input", "label": plain("L"), "element": element}


def confirm(**more: Json) -> Json:
    return {"title": plain("t"), "text": mrkdwn("x"), "confirm": plain("y"), "deny": plain("n")} | more


def table(rows: int, cells: int, text: str = "x") -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * cells] * rows}


def data_table(rows: int, **more: Json) -> Json:
    return {"type": "data_table", "caption": "c", "rows": [[{"type": "raw_text", "text": "x"}]] * rows} | more


def plan(tasks: int, **more: Json) -> Json:
    task = {"task_id": "1", "title": "Build", "status": "pending"}
    return {"type": "plan", "title": "Deploy", "tasks": [task] * tasks} | more


def task_card(**more: Json) -> Json:
    return {"type": "task_card", "task_id": "1", "title": "Build", "status": "in_progress"} | more


def buttons(count: int) -> list[Json]:
    return [button(action_id=f"a{number}") for number in range(count)]


# What just fits, what is one too many, and the place Slack names.
LIMITS: list[tuple[str, str, list[Json], list[Json], str]] = [
    ("message blocks", MESSAGE, [section()] * 50, [section()] * 51, "/blocks"),
    ("modal blocks", MODAL, [section()] * 100, [section()] * 101, "/blocks"),
    ("home blocks", HOME, [section()] * 100, [section()] * 101, "/blocks"),
    (
        "section text",
        MESSAGE,
        [section(text=mrkdwn("x" * 3000))],
        [section(text=mrkdwn("x" * 3001))],
        "/blocks/0/text/text",
    ),
    (
        "section text at least",
        MESSAGE,
        [section(text=mrkdwn("x"))],
        [section(text=mrkdwn(""))],
        "/blocks/0/text/text",
    ),
    (
        "section fields",
        MESSAGE,
        [section(fields=[mrkdwn("x")] * 10)],
        [section(fields=[mrkdwn("x")] * 11)],
        "/blocks/0/fields",
    ),
    (
        "field text",
        MESSAGE,
        [section(fields=[mrkdwn("x" * 2000)])],
        [section(fields=[mrkdwn("x" * 2001)])],
        "/blocks/0/fields/0/text",
    ),
    (
        "header",
        MESSAGE,
        [{"type": "header", "text": plain("x" * 150)}],
        [{"type": "header", "text": plain("x" * 151)}],
        "/blocks/0/text/text",
    ),
    (
        "header kind",
        MESSAGE,
        [{"type": "header", "text": plain("x")}],
        [{"type": "header", "text": mrkdwn("x")}],
        "/blocks/0/text/type",
    ),
    (
        "header level",
        MESSAGE,
        [{"type": "header", "text": plain("x"), "level": 4}],
        [{"type": "header", "text": plain("x"), "level": 5}],
        "/blocks/0/level",
    ),
    (
        "context elements",
        MESSAGE,
        [{"type": "context", "elements": [mrkdwn("x")] * 10}],
        [{"type": "context", "elements": [mrkdwn("x")] * 11}],
        "/blocks/0/elements",
    ),
    (
        "actions elements",
        MESSAGE,
        [actions(*buttons(25))],
        [actions(*buttons(26))],
        "/blocks/0/elements",
    ),
    ("actions at least one", MESSAGE, [actions(button())], [actions()], "/blocks/0/elements"),
    (
        "button text",
        MESSAGE,
        [actions(button(text=plain("x" * 75)))],
        [actions(button(text=plain("x" * 76)))],
        "/blocks/0/elements/0/text/text",
    ),
    (
        "button text kind",
        MESSAGE,
        [actions(button())],
        [actions(button(text=mrkdwn("x")))],
        "/blocks/0/elements/0/text/type",
    ),
    (
        "button value",
        MESSAGE,
        [actions(button(value="x" * 2000))],
        [actions(button(value="x" * 2001))],
        "/blocks/0/elements/0/value",
    ),
    (
        "button url",
        MESSAGE,
        [actions(button(url="x" * 3000))],
        [actions(button(url="x" * 3001))],
        "/blocks/0/elements/0/url",
    ),
    (
        "button style",
        MESSAGE,
        [actions(button(style="danger"))],
        [actions(button(style="warning"))],
        "/blocks/0/elements/0/style",
    ),
    (
        "accessibility label",
        MESSAGE,
        [actions(button(accessibility_label="x" * 75))],
        [actions(button(accessibility_label="x" * 76))],
        "/blocks/0/elements/0/accessibility_label",
    ),
    (
        "agent prompt",
        MESSAGE,
        [actions(button(agent_prompt="x" * 4000))],
        [actions(button(agent_prompt="x" * 4001))],
        "/blocks/0/elements/0/agent_prompt",
    ),
    (
        "action id",
        MESSAGE,
        [actions(button(action_id="x" * 255))],
        [actions(button(action_id="x" * 256))],
        "/blocks/0/elements/0/action_id",
    ),
    (
        "action id once",
        MESSAGE,
        [actions(button(action_id="a"), button(action_id="b"))],
        [actions(button(action_id="a"), button(action_id="a"))],
        "/blocks/0/elements/1",
    ),
    (
        "block id",
        MESSAGE,
        [section(block_id="x" * 255)],
        [section(block_id="x" * 256)],
        "/blocks/0/block_id",
    ),
    (
        "block id once",
        MESSAGE,
        [section(block_id="a"), section(block_id="b")],
        [section(block_id="a"), section(block_id="a")],
        "/blocks/1/block_id",
    ),
    (
        "confirm title",
        MESSAGE,
        [actions(button(confirm=confirm(title=plain("x" * 100))))],
        [actions(button(confirm=confirm(title=plain("x" * 101))))],
        "/blocks/0/elements/0/confirm/title/text",
    ),
    (
        "confirm text",
        MESSAGE,
        [actions(button(confirm=confirm(text=mrkdwn("x" * 300))))],
        [actions(button(confirm=confirm(text=mrkdwn("x" * 301))))],
        "/blocks/0/elements/0/confirm/text/text",
    ),
    (
        "confirm button",
        MESSAGE,
        [actions(button(confirm=confirm(confirm=plain("x" * 30))))],
        [actions(button(confirm=confirm(confirm=plain("x" * 31))))],
        "/blocks/0/elements/0/confirm/confirm/text",
    ),
    (
        "select options",
        MESSAGE,
        [actions(select(options=[option()] * 100))],
        [actions(select(options=[option()] * 101))],
        "/blocks/0/elements/0/options",
    ),
    (
        "select without options",
        MESSAGE,
        [actions(select())],
        [actions({"type": "static_select", "action_id": "s"})],
        "/blocks/0/elements/0",
    ),
    (
        "option text",
        MESSAGE,
        [actions(select(options=[option(text="x" * 75)]))],
        [actions(select(options=[option(text="x" * 76)]))],
        "/blocks/0/elements/0/options/0/text/text",
    ),
    (
        "option value",
        MESSAGE,
        [actions(select(options=[option("x" * 150)]))],
        [actions(select(options=[option("x" * 151)]))],
        "/blocks/0/elements/0/options/0/value",
    ),
    (
        "option description",
        MESSAGE,
        [actions(select(options=[option(description=plain("x" * 75))]))],
        [actions(select(options=[option(description=plain("x" * 76))]))],
        "/blocks/0/elements/0/options/0/description/text",
    ),
    (
        "initial option offered",
        MESSAGE,
        [actions(select(initial_option=option()))],
        [actions(select(initial_option=option("other")))],
        "/blocks/0/elements/0",
    ),
    (
        "option groups",
        MESSAGE,
        [
            actions(
                {
                    "type": "static_select",
                    "option_groups": [{"label": plain("g"), "options": [option()]}] * 100,
                }
            )
        ],
        [
            actions(
                {
                    "type": "static_select",
                    "option_groups": [{"label": plain("g"), "options": [option()]}] * 101,
                }
            )
        ],
        "/blocks/0/elements/0/option_groups",
    ),
    (
        "overflow options",
        MESSAGE,
        [section(accessory={"type": "overflow", "options": [option()] * 5})],
        [section(accessory={"type": "overflow", "options": [option()] * 6})],
        "/blocks/0/accessory/options",
    ),
    (
        "radio options",
        MESSAGE,
        [actions({"type": "radio_buttons", "options": [option()] * 10})],
        [actions({"type": "radio_buttons", "options": [option()] * 11})],
        "/blocks/0/elements/0/options",
    ),
    (
        "checkbox options",
        MESSAGE,
        [actions({"type": "checkboxes", "options": [option()] * 10})],
        [actions({"type": "checkboxes", "options": [option()] * 11})],
        "/blocks/0/elements/0/options",
    ),
    (
        "placeholder",
        MODAL,
        [text_input(placeholder=plain("x" * 150))],
        [text_input(placeholder=plain("x" * 151))],
        "/blocks/0/element/placeholder/text",
    ),
    (
        "input label",
        MODAL,
        [text_input() | {"label": plain("x" * 2000)}],
        [text_input() | {"label": plain("x" * 2001)}],
        "/blocks/0/label/text",
    ),
    (
        "input hint",
        MODAL,
        [text_input() | {"hint": plain("x" * 2000)}],
        [text_input() | {"hint": plain("x" * 2001)}],
        "/blocks/0/hint/text",
    ),
    (
        "input length",
        MODAL,
        [text_input(max_length=3000)],
        [text_input(max_length=3001)],
        "/blocks/0/element/max_length",
    ),
    (
        "input element kind",
        MODAL,
        [text_input()],
        [text_input() | {"element": button()}],
        "/blocks/0/element/type",
    ),
    (
        "image alt",
        MESSAGE,
        [{"type": "image", "image_url": "https://x.example/a.png", "alt_text": "x" * 2000}],
        [{"type": "image", "image_url": "https://x.example/a.png", "alt_text": "x" * 2001}],
        "/blocks/0/alt_text",
    ),
    (
        "image url",
        MESSAGE,
        [{"type": "image", "image_url": "x" * 3000, "alt_text": "a"}],
        [{"type": "image", "image_url": "x" * 3001, "alt_text": "a"}],
        "/blocks/0/image_url",
    ),
    (
        "image source",
        MESSAGE,
        [{"type": "image", "image_url": "x", "alt_text": "a"}],
        [{"type": "image", "alt_text": "a"}],
        "/blocks/0",
    ),
    (
        "markdown together",
        MESSAGE,
        [{"type": "markdown", "text": "x" * 6000}] * 2,
        [{"type": "markdown", "text": "x" * 6000}, {"type": "markdown", "text": "x" * 6001}],
        "/blocks",
    ),
    ("table rows", MESSAGE, [table(100, 1)], [table(101, 1)], "/blocks/0/rows"),
    ("table cells", MESSAGE, [table(1, 20)], [table(1, 21)], "/blocks/0/rows/0"),
    (
        "table characters",
        MESSAGE,
        [table(50, 2, "x" * 50), table(50, 2, "x" * 50)],
        [table(50, 2, "x" * 50), table(51, 2, "x" * 50)],
        "/blocks",
    ),
    ("data table rows", MESSAGE, [data_table(201)], [data_table(202)], "/blocks/0/rows"),
    ("data table rows at least", MESSAGE, [data_table(2)], [data_table(1)], "/blocks/0/rows"),
    (
        "data table page",
        MESSAGE,
        [data_table(2, page_size=100)],
        [data_table(2, page_size=101)],
        "/blocks/0/page_size",
    ),
    (
        "charts",
        MESSAGE,
        [{"type": "data_visualization", "title": "x"}] * 2,
        [{"type": "data_visualization", "title": "x"}] * 3,
        "/blocks",
    ),
    (
        "card body",
        MESSAGE,
        [{"type": "card", "body": mrkdwn("x" * 200)}],
        [{"type": "card", "body": mrkdwn("x" * 201)}],
        "/blocks/0/body/text",
    ),
    (
        "card buttons",
        MESSAGE,
        [{"type": "card", "body": mrkdwn("x"), "actions": [button()] * 3}],
        [{"type": "card", "body": mrkdwn("x"), "actions": [button()] * 4}],
        "/blocks/0/actions",
    ),
    (
        "carousel cards",
        MESSAGE,
        [{"type": "carousel", "elements": [{"body": mrkdwn("x")}] * 10}],
        [{"type": "carousel", "elements": [{"body": mrkdwn("x")}] * 11}],
        "/blocks/0/elements",
    ),
    (
        "container children",
        MESSAGE,
        [{"type": "container", "child_blocks": [section()] * 10}],
        [{"type": "container", "child_blocks": [section()] * 11}],
        "/blocks/0/child_blocks",
    ),
    (
        "container without plan",
        MESSAGE,
        [{"type": "container", "child_blocks": [section()]}],
        [{"type": "container", "child_blocks": [plan(1)]}],
        "/blocks/0/child_blocks/0/type",
    ),
    ("plan tasks", MESSAGE, [plan(50)], [plan(51)], "/blocks/0/tasks"),
    (
        "plan title is a bare string",
        MESSAGE,
        [plan(1)],
        [plan(1, title=plain("Deploy"))],
        "/blocks/0/title",
    ),
    (
        "task card outside a plan is under way",
        MESSAGE,
        [task_card()],
        [task_card(status="pending")],
        "/blocks/0/status",
    ),
    (
        "alert text",
        MODAL,
        [{"type": "alert", "text": mrkdwn("x" * 200)}],
        [{"type": "alert", "text": mrkdwn("x" * 201)}],
        "/blocks/0/text/text",
    ),
]


@pytest.mark.parametrize(
    ("surface", "fits", "too_much", "place"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS]
)
def test_limit_holds_to_the_last_unit(
    surface: str, fits: list[Json], too_much: list[Json], place: str
) -> None:
    assert find_block_faults(fits, surface) == []
    faults = find_block_faults(too_much, surface)
    assert len(faults) == 1
    assert faults[0].startswith("[ERROR] ")
    assert faults[0].endswith(f"[json-pointer:{place}]")


ELSEWHERE = [
    ("alert", {"type": "alert", "text": mrkdwn("x")}, {MODAL}),
    ("plan", plan(1), {MESSAGE}),
    ("task_card", task_card(), {MESSAGE}),
    ("markdown", {"type": "markdown", "text": "x"}, {MESSAGE}),
    ("table", table(1, 1), {MESSAGE, HOME}),
    ("data_table", data_table(2), {MESSAGE, HOME}),
    ("container", {"type": "container", "child_blocks": [section()]}, {MESSAGE, HOME}),
    ("card", {"type": "card", "body": mrkdwn("x")}, {MESSAGE, MODAL, HOME}),
    ("section", section(), {MESSAGE, MODAL, HOME}),
    ("rich_text", {"type": "rich_text", "elements": []}, {MESSAGE, MODAL, HOME}),
]


@pytest.mark.parametrize(
    ("block", "surfaces"), [row[1:] for row in ELSEWHERE], ids=[row[0] for row in ELSEWHERE]
)
def test_block_is_taken_only_on_its_surfaces(block: Json, surfaces: set[str]) -> None:
    taken = {surface for surface in (MESSAGE, MODAL, HOME) if not find_block_faults([block], surface)}
    assert taken == surfaces


@pytest.mark.parametrize(
    ("blocks", "fault"),
    [
        ([{"type": "sektion"}], "[ERROR] unsupported type: sektion [json-pointer:/blocks/0/type]"),
        ([{"text": "x"}], "[ERROR] missing required field: type [json-pointer:/blocks/0]"),
        (["x"], "[ERROR] must provide an object [json-pointer:/blocks/0]"),
        ({"type": "section"}, "[ERROR] must be an array [json-pointer:/blocks]"),
        ([{"type": "section"}], "[ERROR] must define either `text` or `fields` [json-pointer:/blocks/0]"),
        ([section(text="x")], "[ERROR] must provide an object [json-pointer:/blocks/0/text]"),
        (
            [actions(button(text=None))],
            "[ERROR] missing required field: text [json-pointer:/blocks/0/elements/0]",
        ),
        (
            [section(text=mrkdwn("x" * 3001))],
            "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        ),
        ([section()] * 51, "[ERROR] no more than 50 items allowed [json-pointer:/blocks]"),
    ],
)
def test_wrong_blocks_are_named_in_slacks_words(blocks: Json, fault: str) -> None:
    assert find_block_faults(blocks) == [fault]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "text", "elements", "options", "rows", "element", "initial_options", "block_id"]
            ),
            inner | st.sampled_from(["section", "actions", "static_select", "table", "plan", "mrkdwn"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_any_json_is_judged_without_an_error_of_ours(value: Json) -> None:
    for surface in (MESSAGE, MODAL, HOME):
        assert all(words.startswith("[ERROR] ") for words in find_block_faults(value, surface))
