"""Offers and what a run costs at them: the book, the policy that chooses, time times price."""
