"""Two-way, declarative mappings between vendor payloads and common resources."""
