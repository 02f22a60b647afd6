"""A rights holder's own part of a unit's registry: who keeps it, what may be changed, imports, previews, answers."""
