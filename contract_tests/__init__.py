"""Proves every backend, and the gateway in front of them, against the documents in `specs/`."""
