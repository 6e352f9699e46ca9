"""The liar: an honest contract, broken on request. It speaks raw bytes, as no framework lets one lie on the wire."""
