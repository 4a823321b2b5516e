"""One file a seller or feed."""
