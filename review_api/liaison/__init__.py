"""Liaison with platforms over the API: drafting and sending batches, and answering letters."""
