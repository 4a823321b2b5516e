"""What a training framework and its engine do: `TrainingStack`, and what a release of it did."""
