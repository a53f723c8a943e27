"""The course each kind of task takes."""

import pytest

from bot.sim.hosting.scripts import draw_commit, draw_script


@pytest.mark.parametrize(
    ("kind", "mode", "steps", "least", "most"),
    [
        ("deploy", None, 12, 160, 200),
        ("restart", None, 3, 17, 23),
        ("start", None, 3, 20, 27),
        ("stop", None, 2, 10, 14),
        ("quick_update", "pull_restart", 3, 30, 38),
        ("quick_update", "update_specific", 4, 70, 90),
        ("quick_update", "reinitialize_specific", 5, 84, 106),
        ("quick_update", "update_all", 6, 370, 465),
        ("backup", None, 4, 80, 100),
        ("restore", None, 7, 215, 265),
        ("destroy", None, 3, 26, 34),
        ("something_else", None, 3, 50, 70),
    ],
)
def test_each_kind_has_its_steps_and_span(
    kind: str, mode: str | None, steps: int, least: int, most: int
) -> None:
    for seed in "abcdefgh":
        script = draw_script(kind, seed=seed, mode=mode, modules=("sale",))
        assert len(script.steps) == steps
        assert least < script.runs_for.total_seconds() < most
        assert 1 <= script.wait.total_seconds() <= 2


def test_shares_of_the_steps_differ_by_seed() -> None:
    assert draw_script("deploy", seed="a").steps != draw_script("deploy", seed="b").steps
    assert draw_script("deploy", seed="a") == draw_script("deploy", seed="a")


def test_deploy_with_modules_names_them_in_a_step() -> None:
    names = [step.name for step in draw_script("deploy", seed="a", modules=("sale", "stock")).steps]
    assert "Updating sale, stock" in names
    assert len(names) == 12


def test_many_modules_are_counted() -> None:
    script = draw_script("quick_update", seed="a", mode="update_specific", modules=("a", "b", "c", "d"))
    assert script.steps[1].name == "Updating 4 modules"


def test_commit_looks_like_one_of_git_and_depends_on_the_seed() -> None:
    commit = draw_commit("a")
    assert len(commit) == 40
    assert set(commit) <= set("0123456789abcdef")
    assert commit == draw_commit("a") != draw_commit("b")
