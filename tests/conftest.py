"""Fixtures of the whole suite: the real servers, each started only when a test asks for it."""

pytest_plugins = ["tests.servers.browser", "tests.servers.objects", "tests.servers.postgres"]
