"""The database's shape, step 10: pleas that count and pleas in doubt."""

from sqlite_utils.db import Database

_PLEAS_BY_TIME = """
DROP INDEX pleas_by_person;
CREATE INDEX pleas_by_time ON pleas (asked_at);
CREATE INDEX pleas_in_doubt ON pleas (number) WHERE begun_at IS NOT NULL;
"""


def m010_pleas_that_count_and_pleas_in_doubt(db: Database) -> None:
    """Everybody's newest pleas are found at once, and those whose message may stand twice."""
    db.executescript(_PLEAS_BY_TIME)
