"""An API gateway whose only source of truth is the contract: the OpenAPI documents."""

__version__ = "0.1.0"
