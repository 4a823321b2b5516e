"""Models that the catalog does not have, read from the hub."""
