import pytest
import yaml

from bot.rules_file.mistakes import Mistake
from bot.rules_file.nodes import FASTEST_LOADER, Loader, compose, line_of
from tests.test_rules_file import example


def shape(node: yaml.Node) -> object:
    if isinstance(node, yaml.ScalarNode):
        return (node.tag, node.value, line_of(node))
    if isinstance(node, yaml.MappingNode):
        return [(shape(key), shape(value)) for key, value in node.value]
    return (line_of(node), [shape(item) for item in node.value])


def test_example_is_read_alike_with_and_without_libyaml() -> None:
    slow, fast = compose(example(), loader=yaml.SafeLoader), compose(example(), loader=FASTEST_LOADER)
    assert not isinstance(slow, Mistake)
    assert not isinstance(fast, Mistake)
    assert shape(slow) == shape(fast)


@pytest.mark.parametrize("loader", [yaml.SafeLoader, FASTEST_LOADER])
@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: [1\n", 3, "this is not YAML"),
        ("a: &x [1]\nb: *x\n", 2, "aliases"),
        ("a: 1\nb: [[[[[[[[[1]]]]]]]]]\n", 2, "nested deeper"),
        ("[" * 50_000, 1, "nested deeper"),
        ("a: é\nb: \x01\n", 2, "a character that YAML does not allow"),
        ("", 1, "is empty"),
        ("a: 1\n---\nb: 1\n", 2, "this is not YAML"),
    ],
)
def test_what_is_refused_does_not_hang_on_libyaml(loader: Loader, text: str, line: int, words: str) -> None:
    found = compose(text, loader=loader)
    assert isinstance(found, Mistake)
    assert words in found.text
    assert found.line == line
