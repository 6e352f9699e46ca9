"""The reference services behind the gateway, one folder each."""

import warnings

# Connexion imports a test client wherever it runs, and that one complains about its own dependency.
warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")
