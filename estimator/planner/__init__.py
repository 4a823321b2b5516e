"""Which plans run a job, and which are worth showing."""
