"""The state of conversations: what a card says of itself, its thread, what people chose and asked lately."""
