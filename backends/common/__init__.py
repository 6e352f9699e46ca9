"""What the services share: starting, answering, trusting, calling each other."""
