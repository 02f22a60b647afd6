"""The command: wiring only. Nobody imports it."""
