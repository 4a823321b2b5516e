"""Configurations and logs that people paste: recognised, read, never run."""
