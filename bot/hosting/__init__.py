"""Everything that knows the oec.sh API."""
