"""The container: its recipe says what it should, and its steps really build a bot that starts.

No container engine is needed: the steps of the build stage are plain commands, and the same commands run here in a
temporary folder, with the same files in view and the image's paths laid inside that folder.
"""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.needs import go_without

ROOT = Path(__file__).parent.parent
IMAGE_PATHS = ("/opt/oec-bot", "/dist", "/data")


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction: `RUN`, and what stands behind it, continued lines joined."""

    word: str
    rest: str


def parse(dockerfile: str) -> list[list[Step]]:
    """The stages, each from its FROM on."""
    lines = [line for line in dockerfile.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    stages: list[list[Step]] = []
    for line in joined.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            stages.append([])
        stages[-1].append(Step(word, " ".join(rest.split())))
    return stages


def stages() -> list[list[Step]]:
    return parse((ROOT / "Dockerfile").read_text(encoding="utf-8"))


def only(stage: list[Step], word: str) -> str:
    found = [step.rest for step in stage if step.word == word]
    assert len(found) == 1, f"{word} stands {len(found)} times"
    return found[0]


def environment(stage: list[Step]) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in only(stage, "ENV").split())


def is_sent_to_builder(path: Path) -> bool:
    """Whether .dockerignore lets this path of the repository through: the last line that fits decides.

    A line fits a path where it fits the path or a folder above it. Lines are of two kinds here: names at the top, and
    `**/name` at any depth.
    """
    above = [*reversed(path.parents[:-1]), path]
    sent = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        if not line or line.startswith("#"):
            continue
        places = above if pattern.startswith("**/") else above[:1]
        if any(fnmatch.fnmatch(place.name, pattern.removeprefix("**/")) for place in places):
            sent = line.startswith("!")
    return sent


def need_registry(folder: Path) -> None:
    """Ask for the smallest thing the steps will ask for, to tell a missing network from a wrong step."""
    asked = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--retries", "1", "hatchling"]
    answer = subprocess.run(asked, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    if answer.returncode:
        go_without(f"needs a package registry: {answer.stderr.strip()[-300:]}")


def kept_from_builder(folder: str, names: list[str]) -> set[str]:
    inside = Path(folder).relative_to(ROOT)
    return {name for name in names if not is_sent_to_builder(inside / name)}


def lay_sources(stage: list[Step], target: Path) -> None:
    """Do the stage's COPY instructions."""
    for step in (step for step in stage if step.word == "COPY"):
        *sources, destination = step.rest.split()
        for source in sources:
            assert is_sent_to_builder(Path(source)), f".dockerignore keeps {source} from the builder"
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, target / destination, ignore=kept_from_builder)
            else:
                shutil.copy(ROOT / source, target / destination)


def run_step(command: str, *, image: Path, working: Path) -> None:
    """Do one RUN instruction with the image's root laid at `image`."""
    for path in IMAGE_PATHS:
        command = command.replace(path, f"{image}{path}")
    if os.geteuid() != 0:
        command = re.sub(r" --(owner|group)=\S+", "", command)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", command],
        cwd=working,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


def call(command: list[str], *, image: Path) -> subprocess.CompletedProcess[str]:
    """Call what the image would call, with nothing in the environment but what the image sets."""
    last = stages()[-1]
    programs = image / "opt" / "oec-bot" / "bin"
    return subprocess.run(
        [programs / command[0], *command[1:]],
        env={"PATH": str(programs), "OEC_DATABASE": f"{image}{environment(last)['OEC_DATABASE']}"},
        cwd=image / only(last, "WORKDIR").lstrip("/"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_linter_finds_nothing() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    found = subprocess.run([linter, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "")


def test_linter_finds_a_floating_base(tmp_path: Path) -> None:
    """So that the silence above means something."""
    worse = tmp_path / "Dockerfile"
    worse.write_text(re.sub(r"FROM \S+", "FROM python:latest", (ROOT / "Dockerfile").read_text()))
    linter = Path(sys.executable).with_name("hadolint")
    found = subprocess.run([linter, worse], capture_output=True, text=True, check=False)
    assert "DL3007" in found.stdout


def test_both_stages_stand_on_one_pinned_python() -> None:
    bases = {stage[0].rest.split(" AS ")[0] for stage in stages()}
    assert len(stages()) == 2
    assert len(bases) == 1, "the virtual environment is copied, so its Python must be the same"
    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", bases.pop())


def test_last_stage_runs_the_bot_without_privileges() -> None:
    last = stages()[-1]
    user, group = only(last, "USER").split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert json.loads(only(last, "CMD")) == ["oec-bot", "run"]
    words = [step.word for step in last]
    assert words.index("USER") > max(index for index, word in enumerate(words) if word == "RUN")
    assert "ENTRYPOINT" not in words


def test_last_stage_keeps_the_database_in_its_volume() -> None:
    last = stages()[-1]
    volume = only(last, "VOLUME")
    user, group = only(last, "USER").split(":")
    assert environment(last)["OEC_DATABASE"].startswith(f"{volume}/")
    assert only(last, "RUN") == f"install --directory --owner={user} --group={group} {volume}"


def test_health_check_asks_the_bots_own_module() -> None:
    check = only(stages()[-1], "HEALTHCHECK")
    options, command = check.split(" CMD ")
    assert json.loads(command) == ["python", "-m", "bot.health"]
    assert {option.split("=")[0] for option in options.split()} >= {
        "--interval",
        "--timeout",
        "--start-period",
    }


def test_image_carries_no_settings() -> None:
    known = {"PATH", "PYTHONUNBUFFERED", "OEC_DATABASE", "OEC_RULES"}
    assert set(environment(stages()[-1])) == known
    assert not any(step.word == "ARG" for stage in stages() for step in stage)


@pytest.mark.parametrize(
    "path", [".env", ".git", "tests/data", "oec-bot.db", "bot/__pycache__/x.pyc", "bot/core/.mypy_cache"]
)
def test_what_the_image_does_not_need_stays_here(path: str) -> None:
    assert not is_sent_to_builder(Path(path))


def test_steps_of_the_recipe_build_a_bot_that_starts(tmp_path: Path) -> None:
    need_registry(tmp_path)
    build, last = stages()
    source = tmp_path / only(build, "WORKDIR").lstrip("/")
    source.mkdir()
    lay_sources(build, source)
    for stage in (build, last):
        run_step(only(stage, "RUN"), image=tmp_path, working=source)

    (packages,) = tmp_path.glob("opt/oec-bot/lib/python3.*/site-packages")
    sent = {path.relative_to(source) for path in (source / "bot").rglob("*") if path.is_file()}
    assert {path for path in sent if not (packages / path).is_file()} == set(), "the wheel leaves files out"
    assert not (packages / "pytest").exists(), "no tools of the tests"

    helped = call([*json.loads(only(last, "CMD")), "--help"], image=tmp_path)
    assert (helped.returncode, helped.stderr) == (0, "")
    checked = call(json.loads(only(last, "HEALTHCHECK").split(" CMD ")[1]), image=tmp_path)
    assert (checked.returncode, checked.stderr) == (1, ""), "no database yet, so not well"
    assert "/data/oec-bot.db" in checked.stdout
