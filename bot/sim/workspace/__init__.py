"""A stand-in for a Slack workspace: Web API, Socket Mode, people, and a page to look at."""
