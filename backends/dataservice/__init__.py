"""The data service: runners and their runs."""
