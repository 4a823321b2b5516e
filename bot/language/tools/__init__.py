"""Training tools, one file each: a table that both reads their configurations and writes them."""
