"""The four parts of the benchmark: the index alone, the server, growth, and others for context."""
