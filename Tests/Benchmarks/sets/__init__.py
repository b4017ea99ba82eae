"""The data sets of the benchmark: seeded, the same each time, kept under `.bench` at the repository's root."""
