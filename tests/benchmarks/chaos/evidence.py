"""What is kept of a world for whoever studies a finding: the stand-ins' own records beside the bot's database and log."""

import json

from tests.benchmarks.chaos.ledger import read_screens
from tests.benchmarks.chaos.world import World


async def keep_records(world: World) -> None:
    """Write down everything that the stand-ins remember of a stretch, one file for each kind."""
    records = {
        "requests": await world.hosting.requests(),
        "tasks": await world.hosting.tasks(),
        "calls": await world.people.calls(),
        "screens": [seen.raw for seen in await read_screens(world.people)],
        "asks": [f"{ask}" for ask in world.people.asks],
        "decisions": [f"{decision}" for decision in world.people.decisions],
        "lives": world.diary,
    }
    for name, record in records.items():
        text = json.dumps(record, indent=1, ensure_ascii=False)
        (world.folder / f"{name}.json").write_text(text, encoding="utf-8")
