"""What a model is made of: its shape, its matrices, its adapters, its parameters."""
