"""Fixtures of the whole suite: the real servers, each started only when a test asks for it.

Generated cases are the same in every run and never timed: a busy machine must not turn a sound tree red. To look for
new cases, run with `--hypothesis-profile=wide`.
"""

from hypothesis import settings

pytest_plugins = ["tests.servers.browser", "tests.servers.objects", "tests.servers.postgres"]

settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("wide", deadline=None, max_examples=1000)
settings.load_profile("steady")
