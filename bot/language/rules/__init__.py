"""One file a kind of token."""
