"""Keeping batches, letters and answers in SQL."""
