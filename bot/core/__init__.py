"""Pure values and rules: no async, no logging, no clock, no randomness, no third party."""
