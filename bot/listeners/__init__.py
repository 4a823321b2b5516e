"""What Slack sends, one module a kind, in Bolt's names; each wires itself by `register(app, responder)`."""
