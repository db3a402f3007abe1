"""Training of nets that are graphs."""
