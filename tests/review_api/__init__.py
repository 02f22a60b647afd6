"""The review API, the console and the exports, over a real SQLite store with leads of two organisations."""
