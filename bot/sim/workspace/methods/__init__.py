"""Slack's Web API methods: one function each, from the workspace and the arguments to the answer."""
