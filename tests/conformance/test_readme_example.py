"""The example of README, word for word, is an app that works in the sandbox."""

import json
import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

from tests.conformance.node_app import NodeApp
from tests.conformance.packages import JAVASCRIPT, node_with_packages
from tests.sim.workspace.door import Door

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.split("## The sandbox, for a Slack app of your own")[1].split("\n## ")[0]


def block(language: str) -> str:
    """The section's one block in this language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)
    return str(found)


async def ask(door: Door, line: str) -> dict[str, object]:
    """What a line of curl asks for, of the stand-in that runs here."""
    words = shlex.split(line)
    assert words[0] == "curl"
    place = door.url + words[-1].removeprefix("http://127.0.0.1:8420")
    assert urlsplit(place).path.startswith("/person/")
    data = words[words.index("-d") + 1] if "-d" in words else None
    form = {"Content-Type": "application/x-www-form-urlencoded"}  # as curl says unless it is told otherwise
    request = door.http.post(place, data=data, headers=form) if data else door.http.get(place)
    async with request as answer:
        assert answer.status == 200, await answer.text()
        told: dict[str, object] = await answer.json()
        return told


async def test_example_answers_what_its_curl_lines_ask(
    door: Door, settings: dict[str, str], tmp_path: Path
) -> None:
    node = node_with_packages()
    (tmp_path / "node_modules").symlink_to(JAVASCRIPT / "node_modules")
    script = tmp_path / "app.mjs"
    script.write_text(block("js"), encoding="utf-8")
    app = await NodeApp.start(node, script, settings)
    try:
        await door.until_connected()
        slash, messages, fault = block("sh").splitlines()
        assert (await ask(door, slash))["response"] == {"text": "You said hello"}
        assert "You said hello" in json.dumps(await ask(door, messages))
        assert await ask(door, fault) == {"ok": True}
    finally:
        await app.stop()
