"""Ways in which a service and its document came apart, each of which the checks have to notice."""
