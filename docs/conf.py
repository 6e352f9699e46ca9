"""Sphinx: Markdown pages through MyST, and no warning."""

from gateway import __version__

project = "contract-gateway"
author = "The contract-gateway authors"
release = version = __version__
extensions = ["myst_parser"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "The contract is the configuration", "page_width": "1100px"}
html_show_copyright = False
