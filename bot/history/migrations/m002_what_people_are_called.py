"""The database's shape, step 2: what people are called."""

from sqlite_utils.db import Database


def m002_what_people_are_called(db: Database) -> None:
    """Names beside the ids, so that the history can be read without Slack. They decide nothing."""
    db.execute("CREATE TABLE people (user_id TEXT PRIMARY KEY, name TEXT NOT NULL)")
