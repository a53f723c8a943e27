"""Orchestration over ports: what happens, in which order, and what is written down before."""
