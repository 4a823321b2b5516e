"""What a training framework and its engine do: `Framework`, and what a release of it did."""
