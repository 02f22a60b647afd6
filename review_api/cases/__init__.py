"""Case leads: registration, acts on them, their clocks, and what leaves of them, over the API."""
