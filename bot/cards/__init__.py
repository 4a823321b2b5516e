"""What people are shown: values in, Block Kit out; no client, no store, no clock."""
