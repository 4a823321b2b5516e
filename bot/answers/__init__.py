"""Text or spec -> Reply: what is estimated, listed, changed, compared, booked."""
