"""The first generation's API, a facade over the data service."""
