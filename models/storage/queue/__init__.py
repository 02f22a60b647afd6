"""The queue's side of the store: what follows from leads and is kept beside them, and what people do with many."""
