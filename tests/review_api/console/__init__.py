"""The console as it is seen and used: its design, every page in a browser, what hostile content does there."""
