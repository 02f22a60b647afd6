"""The domain model: the vocabulary every other package speaks, and the ports they meet at.

"Models" means the model of the domain, not trained weights (decision 0001). Only `models.storage` touches a database;
nothing else here opens, reads or fetches anything but the package's own data files.
"""
