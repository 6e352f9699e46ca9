"""How much: rates, quotas and requests at the same time."""
