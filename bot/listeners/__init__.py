"""What Slack sends, one module a kind, in Bolt's own names; each wires itself by `register(app, desk)`."""
