"""Streams: buses, the screening worker, pictures and the one safe fetcher."""
