"""What holds for the project as a whole: its files, its words, and what stands beside the code about the code."""

import ast
import itertools
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from bot import settings
from tests.support import readme

ROOT = Path(__file__).parent.parent

TOP_LEVEL = {
    "CHANGELOG.md",
    "Dockerfile",
    "LICENSE",
    "README.md",
    "bot",
    "manifest.yml",
    "pyproject.toml",
    "requirements.lock",
    "tests",
}
LONGEST_FILE = 400
UNTELLING_NAMES = {"base", "common", "helpers", "misc", "utils"}
UNTELLING_VERBS = ("handle_", "manage_", "process_")
NAMED_BY_LIBRARIES = {"handle_error"}  # what aiohttp calls when a request breaks

# Where an unexpected error may be caught: at the outermost line of a task or thread, to be logged and lived through.
OUTERMOST = {
    "bot/flow/attendance.py",
    "bot/flow/desk.py",
    "bot/timer.py",
}

# Written so that the patterns do not find themselves.
FOREIGN_TO_THE_REPOSITORY = {
    "a path of somebody's machine": re.compile(r"(?<![\w.])/(work|root|home/\w+|Users/\w+)/"),
    "a registry's address": re.compile(
        r"pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian\.org|docker\.io\b"
    ),
    "a private key": re.compile(r"-{5}BEGIN [A-Z ]*PRIVATE KEY"),
    "a Slack token": re.compile(r"\bxox[abeprs]-\w+-[\w-]{8,}|\bxapp-\d-\w+-\w+-[\w-]{8,}"),
    "a Slack webhook": re.compile(r"hooks\.slack\.com/services/T\w+/B\w+/\w+"),
    "an oec.sh key": re.compile(r"\boec_live_r[ow]_[\w-]{40,}"),
    "a cloud or forge key": re.compile(
        r"\bAKIA[0-9A-Z]{16}\b|\bgh[opsu]_[A-Za-z0-9]{30,}|\bglpat-[\w-]{20,}"
    ),
}
PLAINLY_NOT_REAL = re.compile(r"sandbox|example|000000|1234567|abcdef|redacted|secret", re.IGNORECASE)


@cache
def files() -> tuple[str, ...]:
    """What is in the repository or would be added to it: not what .gitignore names."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(sorted({name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def python_files(folder: str) -> list[str]:
    return [name for name in files() if name.startswith(f"{folder}/") and name.endswith(".py")]


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(read(name))


def functions(name: str) -> Iterator[str]:
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def pyproject() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))


def dependencies() -> list[Requirement]:
    project = pyproject()["project"]
    return [
        Requirement(line) for line in [*project["dependencies"], *project["optional-dependencies"]["test"]]
    ]


def locked() -> dict[str, Requirement]:
    """The lock's lines by name."""
    lines = (line.partition("#")[0].strip() for line in read("requirements.lock").splitlines())
    requirements = [Requirement(line) for line in lines if line]
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def test_top_level_holds_what_the_architecture_names() -> None:
    top = {name.split("/", maxsplit=1)[0] for name in files()}
    assert {name for name in top if not name.startswith(".")} == TOP_LEVEL


@pytest.mark.parametrize("kind", FOREIGN_TO_THE_REPOSITORY)
def test_no_file_holds(kind: str) -> None:
    pattern = FOREIGN_TO_THE_REPOSITORY[kind]
    found = [
        f"{name}: {hit.group()}"
        for name in files()
        for hit in pattern.finditer((ROOT / name).read_bytes().decode("utf-8", "replace"))
        if not PLAINLY_NOT_REAL.search(hit.group())
    ]
    assert found == []


def test_files_of_the_bot_can_be_read_in_one_sitting() -> None:
    lengths = {name: len(read(name).splitlines()) for name in files() if name.startswith("bot/")}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_module_of_the_bot_says_what_it_is_for() -> None:
    assert [name for name in python_files("bot") if not ast.get_docstring(tree(name))] == []


def test_no_module_is_named_for_nothing() -> None:
    parts = {(part, name) for name in python_files("bot") for part in Path(name).with_suffix("").parts}
    assert [name for part, name in sorted(parts) if part.strip("_") in UNTELLING_NAMES] == []


def test_no_function_is_named_for_nothing() -> None:
    found = [(name, function) for name in python_files("bot") for function in functions(name)]
    untelling = [pair for pair in found if pair[1].lstrip("_").startswith(UNTELLING_VERBS)]
    assert [pair for pair in untelling if pair[1] not in NAMED_BY_LIBRARIES] == []


def test_only_listeners_are_named_on_something() -> None:
    found = [(name, function) for name in python_files("bot") for function in functions(name)]
    listeners = {name for name, function in found if function.startswith("on_")}
    assert listeners <= {"bot/slack/listeners.py"}


def catches_everything(caught: ast.ExceptHandler) -> bool:
    named = [caught.type] if not isinstance(caught.type, ast.Tuple) else caught.type.elts
    broad = any(kind is None or ast.unparse(kind) in {"Exception", "BaseException"} for kind in named)
    passes_on = isinstance(caught.body[-1], ast.Raise) and caught.body[-1].exc is None
    return broad and not passes_on


def test_unexpected_errors_are_caught_only_at_the_outermost_lines() -> None:
    caught = {
        name
        for name in python_files("bot")
        for node in ast.walk(tree(name))
        if isinstance(node, ast.ExceptHandler) and catches_everything(node)
    }
    assert caught <= OUTERMOST


def test_only_the_command_line_exits() -> None:
    exits = {
        name
        for name in python_files("bot")
        for node in ast.walk(tree(name))
        if (
            isinstance(node, ast.Call | ast.Name)
            and ast.unparse(node) in {"sys.exit", "SystemExit", "os._exit"}
        )
        or (isinstance(node, ast.Attribute) and ast.unparse(node) in {"sys.exit", "os._exit"})
    }
    assert exits <= {"bot/cli/ends.py", "bot/cli/rules.py", "bot/health.py"}


def test_no_test_replaces_parts_of_the_bot() -> None:
    """Fakes are passed in; a patched attribute tests a program that does not exist."""
    found = []
    for name in python_files("tests"):
        for node in ast.walk(tree(name)):
            if isinstance(node, ast.ImportFrom | ast.Import):
                modules = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
                if any(
                    module.split(".")[-1] in {"mock", "Mock", "MagicMock", "AsyncMock"} for module in modules
                ):
                    found.append(f"{name}:{node.lineno} imports a mock")
            if isinstance(node, ast.Attribute) and ast.unparse(node).endswith("monkeypatch.setattr"):
                found.append(f"{name}:{node.lineno} patches an attribute")
    assert found == []


def test_documents_that_the_code_names_exist() -> None:
    named = {
        (name, document)
        for name in files()
        if name.endswith((".py", ".js", ".md", ".yml", ".toml"))
        for document in re.findall(r"[\w/-]+\.md\b", read(name))
    }
    known = {Path(name).name for name in files()}
    assert (
        sorted(f"{name} names {document}" for name, document in named if Path(document).name not in known)
        == []
    )


def test_lock_holds_every_dependency_within_its_bounds() -> None:
    lock = locked()
    for wanted in dependencies():
        line = lock[canonicalize_name(wanted.name)]
        (exact,) = line.specifier
        assert exact.operator == "=="
        assert wanted.specifier.contains(exact.version), f"{wanted} against {line}"


def test_lock_is_for_every_system_and_names_no_place() -> None:
    text = read("requirements.lock")
    assert "uv pip compile --universal" in text, "how to renew it"
    assert "--hash" not in text
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)
    assert locked()["colorama"].marker == Marker("sys_platform == 'win32'"), (
        "what only Windows needs is in it"
    )


def test_build_backend_is_pinned() -> None:
    for line in pyproject()["build-system"]["requires"]:
        assert [part.operator for part in Requirement(line).specifier] == ["=="]


def test_python_of_the_container_is_one_the_project_allows() -> None:
    allowed = SpecifierSet(pyproject()["project"]["requires-python"])
    for version in re.findall(r"^FROM python:(3\.\d+)", read("Dockerfile"), re.MULTILINE):
        assert allowed.contains(version)


def test_readme_gives_the_two_commands_exactly() -> None:
    text = read("README.md")
    make = "python3 -m venv .venv && .venv/bin/pip install -q -c requirements.lock"
    assert readme.command("demo", text) == f"{make} . && .venv/bin/oec-bot demo"
    assert readme.command("tests", text) == f"{make} -e '.[test]' && .venv/bin/pytest"


def test_readme_without_a_command_is_an_error() -> None:
    with pytest.raises(LookupError):
        readme.command("tests", "# oec-bot\n")
    with pytest.raises(LookupError):
        readme.command(
            "tests", "python3 -m venv a && .venv/bin/pytest\npython3 -m venv b && .venv/bin/pytest\n"
        )


def variables_in_example() -> dict[str, str]:
    """Every variable of .env.example, those that are commented out with their shown default."""
    text = re.sub(r"^# ([A-Z]+_[A-Z_]+=)", r"\1", read(".env.example"), flags=re.MULTILINE)
    return {name: value or "" for name, value in dotenv_values(stream=StringIO(text)).items()}


def test_example_of_settings_names_every_setting_and_no_other() -> None:
    assert set(variables_in_example()) == set(settings.VARIABLES)


def test_example_of_settings_shows_the_true_defaults_and_no_secret() -> None:
    assert {name: value for name, value in variables_in_example().items() if value} == {
        "SLACK_API_URL": settings.SLACK_API_URL,
        "OEC_API_URL": settings.OEC_API_URL,
        "OEC_RULES": settings.RULES_FILE,
        "OEC_DATABASE": settings.DATABASE_FILE,
        "OEC_WEBHOOK_HEADER": settings.WEBHOOK_HEADER,
        "OEC_WEBHOOK_ENCODING": settings.WEBHOOK_ENCODING,
        "OEC_WEBHOOK_PREFIX": settings.WEBHOOK_PREFIX,
    }


def test_example_of_settings_explains_each_line() -> None:
    lines = read(".env.example").splitlines()
    for above, line in itertools.pairwise(lines):
        if re.match(r"(# )?[A-Z]+_[A-Z_]+=", line):
            assert above.startswith("# "), f"nothing says what {line} is for"
