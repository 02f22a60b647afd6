"""The queue as people work it: whose turn a lead is, what a minute on it is expected to yield, what is done to many at
once and can be undone, views that are kept, campaigns, what a party says, and where words are found.

Values and ports; the SQL lies in `models.storage.queue`.
"""
