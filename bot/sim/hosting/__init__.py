"""A simulator of the oec.sh Public API v1."""
