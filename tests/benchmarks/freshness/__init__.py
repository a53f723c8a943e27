"""How soon the end of a task is known, and at what cost: the real planner and budget against others, in virtual time."""
