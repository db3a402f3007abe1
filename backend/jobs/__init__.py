"""Jobs, that is studies, landscapes and sweeps: what is told of each and asked of each alike, and what is its own."""
