"""A gateway under mixed traffic for minutes, with workers killed meanwhile: what has to hold, then and afterwards."""
