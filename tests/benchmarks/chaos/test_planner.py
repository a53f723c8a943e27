"""Plans come from the seed, lead to points that nobody has reached, and share them out between seeds."""

from tests.benchmarks.chaos.doomed import ROOT
from tests.benchmarks.chaos.planner import Plan, Planner, Recipe
from tests.benchmarks.chaos.points import list_points
from tests.benchmarks.chaos.scenes import SCENES

POINTS = list_points(ROOT)
NAMES = sorted(SCENES)


def play(planner: Planner, lives: int, *, is_reached: bool) -> list[Plan]:
    """So many lives, all of which end alike."""
    plans = []
    for _ in range(lives):
        plans.append(planner.next())
        planner.note_end(plans[-1], is_reached=is_reached and plans[-1].point is not None)
    return plans


def test_same_seed_gives_the_same_plans() -> None:
    first, again, other = (play(Planner(POINTS, seed, NAMES), 60, is_reached=True) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_first_lives_walk_every_scene_alone_and_note_where_it_leads() -> None:
    plans = play(Planner(POINTS, 1, NAMES), len(SCENES), is_reached=False)
    assert {plan.recipe.scenes for plan in plans} == {(name,) for name in SCENES}
    assert all(plan.is_noted and plan.point is None for plan in plans)


def test_points_to_which_a_way_is_known_come_first_by_that_way() -> None:
    planner, recipe = Planner(POINTS, 1), Recipe(("approves",))
    planner.atlas.learn(recipe, [POINTS[10].name, POINTS[400].name])
    led = [plan for plan in play(planner, 12, is_reached=True) if plan.point is not None][:2]
    assert {plan.point for plan in led} == {POINTS[10], POINTS[400]}
    assert {plan.recipe for plan in led} == {recipe}


def test_three_seeds_together_reach_every_point() -> None:
    planners = [Planner(POINTS, seed, share=(seed - 1, 3)) for seed in (1, 2, 3)]
    for planner in planners:
        play(planner, len(POINTS) // 2, is_reached=True)
    missed = [set(planner.find_missed()) for planner in planners]
    assert all(missed)
    assert not set.intersection(*missed)


def test_point_that_is_never_reached_is_given_up_and_told() -> None:
    planner = Planner(POINTS[:4], 1)
    play(planner, 60, is_reached=False)
    assert planner.find_missed() == [point.name for point in POINTS[:4]]
