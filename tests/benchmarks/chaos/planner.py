"""Which life comes next: what people do in it, what goes wrong, where or when it ends. All is drawn from one seed."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.benchmarks.chaos.points import Point
from tests.benchmarks.chaos.scenes import SCENES
from tests.benchmarks.chaos.trouble import BY_NAME, Trouble, draw_troubles

TRIES = 4
"""How many lives try to reach a point before it counts as not reached."""

AT_POINTS = 0.75
"""The share of lives that are to end at a point, once it is known where scenes lead; the others end at any moment."""

LONGEST = 2.5
"""Seconds after it has opened its ear in which a life ends that is to end at any moment."""

AT_STARTS = 0.25
"""The share of those that end earlier still, in the first second of the process."""

RECIPES_KEPT = 6


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is done in a life, by names; whether the start counts too."""

    scenes: tuple[str, ...]
    troubles: tuple[str, ...] = ()
    is_early: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """One life: what is done in it, and how it ends: at a point's so manieth passing, or after so many seconds.

    These count from the moment it hears; with `ends_in_start` from its birth.
    """

    recipe: Recipe
    point: Point | None = None
    times: int = 1
    ends_after: float = LONGEST
    ends_in_start: bool = False
    is_noted: bool = False

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What goes wrong."""
        return tuple(BY_NAME[name] for name in self.recipe.troubles)


@dataclass(slots=True)
class Atlas:
    """Where recipes lead, as every life so far has shown; shared by the seeds of one command."""

    _known: dict[str, list[Recipe]] = field(default_factory=dict)

    def learn(self, recipe: Recipe, passed: Iterable[str]) -> None:
        """These points were passed in a life of this recipe."""
        for name in passed:
            known = self._known.setdefault(name, [])
            if recipe not in known and len(known) < RECIPES_KEPT:
                known.append(recipe)

    def find_ways(self, name: str) -> list[Recipe]:
        """The recipes that have led past a point."""
        return self._known.get(name, [])


@dataclass(slots=True)
class Planner:
    """Leads as many lives as possible to points that none has reached yet, and learns from each where its scenes led.

    `survey` are scenes to be walked alone, first of all; `share` is which of how many seeds this is: each begins with
    points of its own.
    """

    points: Sequence[Point]
    seed: int
    survey: Sequence[str] = ()
    share: tuple[int, int] = (0, 1)
    atlas: Atlas = field(default_factory=Atlas)
    reached: set[str] = field(default_factory=set)
    dice: Random = field(init=False)
    _tries: dict[str, int] = field(default_factory=dict)
    _open: deque[Point] = field(default_factory=deque)
    _scenes: deque[str] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.dice = Random(f"{self.seed}/plans")
        number, count = self.share
        shuffled = Random(0).sample(self.points, len(self.points))
        own = shuffled[number::count]
        self._open.extend(own)
        self._open.extend(point for point in shuffled if point not in set(own))
        self._scenes.extend(self.dice.sample(self.survey, len(self.survey)))

    def next(self) -> Plan:
        """The next life."""
        if self._scenes:
            ends_after = LONGEST * self.dice.uniform(0.7, 1.0)
            return Plan(
                Recipe((self._scenes.popleft(),), is_early=True), ends_after=ends_after, is_noted=True
            )
        point = self._next_point() if self.dice.random() < AT_POINTS else None
        if point is None:
            return self._draw_moment()
        recipe = self.dice.choice(self.atlas.find_ways(point.name) or [self._draw()])
        return Plan(recipe, point, times=self.dice.choice((1, 1, 1, 2)) if self._is_easy(point) else 1)

    def _draw_moment(self) -> Plan:
        """A life that ends at any moment."""
        is_noted = self.dice.random() < 0.4
        if self.dice.random() < AT_STARTS:
            return Plan(self._draw(), ends_after=self.dice.random(), ends_in_start=True, is_noted=is_noted)
        return Plan(self._draw(), ends_after=self.dice.uniform(0.0, LONGEST), is_noted=is_noted)

    def note_end(self, plan: Plan, *, is_reached: bool) -> None:
        """How a life that was to end at a point went."""
        if plan.point is None:
            return
        if is_reached:
            self.reached.add(plan.point.name)
            self.atlas.learn(plan.recipe, [plan.point.name])
        elif plan.point.name not in self.reached:
            self._open.append(plan.point)

    def find_missed(self) -> list[str]:
        """The points at which nobody died, in the order of the source."""
        return [point.name for point in self.points if point.name not in self.reached]

    def find_unseen(self) -> list[str]:
        """The points that no life is known to have passed at all."""
        return [point.name for point in self.points if not self.atlas.find_ways(point.name)]

    def _next_point(self) -> Point | None:
        """A point nobody has reached yet, one to which a way is known before others."""
        for _ in range(len(self._open)):
            if self.atlas.find_ways(self._open[0].name):
                break
            self._open.rotate(-1)
        while self._open:
            point = self._open.popleft()
            self._tries[point.name] = self._tries.get(point.name, 0) + 1
            if self._tries[point.name] <= TRIES:
                return point
        return self.dice.choice(self.points) if self.points else None

    def _is_easy(self, point: Point) -> bool:
        return len(self.atlas.find_ways(point.name)) >= RECIPES_KEPT

    def _draw(self) -> Recipe:
        scenes = tuple(self.dice.sample(sorted(SCENES), self.dice.choice((1, 2, 2, 3))))
        troubles = tuple(one.name for one in draw_troubles(self.dice))
        return Recipe(scenes, troubles, is_early=self.dice.random() < 0.3)
