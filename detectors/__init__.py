"""Pure scoring and triage: no I/O, no clock, no network. Everything a detector needs is in its arguments."""
