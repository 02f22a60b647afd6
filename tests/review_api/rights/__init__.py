"""A holder's own part of a unit's registry, checks of marks, and verification."""
