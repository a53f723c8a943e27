"""Properties of the core hold at any speed: a busy machine is no counterexample."""

from hypothesis import settings

settings.register_profile("core", deadline=None, max_examples=60)
settings.load_profile("core")
