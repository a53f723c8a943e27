"""Never twice, never lost: real processes, random asks, random faults, `kill -9`; and then it is counted what was promised.

A *life* is one process of the bot from its start to its kill; a *stretch* is some lives with the same database and the same
stand-ins, and the calm after them, in which everything has to come right.
"""
