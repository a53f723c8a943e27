"""The database's shape, one step per file. A step is never edited once it has landed: a change is a new step."""

from sqlite_utils import Migrations

from bot.history.migrations.m001_runs_and_what_became_of_them import m001_runs_and_what_became_of_them
from bot.history.migrations.m002_what_people_are_called import m002_what_people_are_called
from bot.history.migrations.m003_what_is_not_known_of_a_post import m003_what_is_not_known_of_a_post
from bot.history.migrations.m004_what_a_run_without_a_clear_answer_is import (
    m004_what_a_run_without_a_clear_answer_is,
)
from bot.history.migrations.m005_what_a_million_runs_ask_for import m005_what_a_million_runs_ask_for
from bot.history.migrations.m006_what_is_unsettled_and_what_an_environment_was_called import (
    m006_what_is_unsettled_and_what_an_environment_was_called,
)
from bot.history.migrations.m007_approvals_by_several import m007_approvals_by_several
from bot.history.migrations.m008_what_an_entry_follows import m008_what_an_entry_follows
from bot.history.migrations.m009_pleas_and_what_why_looks_for import m009_pleas_and_what_why_looks_for
from bot.history.migrations.m010_pleas_that_count_and_pleas_in_doubt import (
    m010_pleas_that_count_and_pleas_in_doubt,
)
from bot.history.migrations.m011_calls_of_each_asking import m011_calls_of_each_asking

MIGRATION_SET = "oec-bot"

STEPS = (
    m001_runs_and_what_became_of_them,
    m002_what_people_are_called,
    m003_what_is_not_known_of_a_post,
    m004_what_a_run_without_a_clear_answer_is,
    m005_what_a_million_runs_ask_for,
    m006_what_is_unsettled_and_what_an_environment_was_called,
    m007_approvals_by_several,
    m008_what_an_entry_follows,
    m009_pleas_and_what_why_looks_for,
    m010_pleas_that_count_and_pleas_in_doubt,
    m011_calls_of_each_asking,
)
"""Every step this version knows, oldest first."""


def as_migrations() -> Migrations:
    """The steps as sqlite-utils applies them: each once, recorded in the database by its function's name."""
    migrations = Migrations(MIGRATION_SET)
    for step in STEPS:
        migrations()(step)
    return migrations
