"""The commands that README promises, taken from README itself, so that what is tried is what a newcomer copies.

`python -m tests.support.readme tests` prints the one that runs the tests; `demo` the one that starts the demonstration.
"""

import sys
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"

LAST_WORDS = {"demo": ".venv/bin/oec-bot demo", "tests": ".venv/bin/pytest"}


def command(name: str, readme: str) -> str:
    """The one line of README that makes the environment and ends with what `name` stands for.

    Raises `LookupError` where README has none, or several that differ.
    """
    lines = {line.strip() for line in readme.splitlines()}
    found = sorted(
        line for line in lines if line.startswith("python3 -m venv ") and line.endswith(LAST_WORDS[name])
    )
    if len(found) != 1:
        raise LookupError(f"README.md has {len(found)} lines that end with `{LAST_WORDS[name]}`, not one")
    return found[0]


def main(arguments: list[str]) -> str:
    """What the command line answers."""
    if len(arguments) != 1 or arguments[0] not in LAST_WORDS:
        raise SystemExit(f"say one of: {', '.join(LAST_WORDS)}")
    try:
        return command(arguments[0], README.read_text(encoding="utf-8"))
    except LookupError as nothing:
        raise SystemExit(str(nothing)) from nothing


if __name__ == "__main__":
    print(main(sys.argv[1:]))
