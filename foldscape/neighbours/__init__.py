"""The nearest training point of each test point, and test points in buckets by how far it is."""
