"""The review API and console."""
