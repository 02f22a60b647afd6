"""The command groups, one module each; `jianzhen.cli` lists them."""
