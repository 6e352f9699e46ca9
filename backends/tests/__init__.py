"""Tests of the services: in process where behaviour is at stake, as processes where starting and stopping is."""
