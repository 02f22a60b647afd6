"""The demo: a small fictional market on loopback, run through the real engine from page to case lead."""
