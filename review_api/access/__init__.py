"""Access: who may call what (one table), how people and machines are recognised, and what is written down of it."""
