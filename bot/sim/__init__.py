"""The pretend outside world: a Slack stand-in and an oec.sh simulator, written from the outside."""
