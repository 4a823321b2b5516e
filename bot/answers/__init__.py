"""What answers a request that is no estimate."""
