"""What is archived in the tests: how many subjects, in portions of how many, and when."""

from datetime import timedelta

from tests.models.storage.samples import NOON

SUBJECTS, BATCH = 60, 10
LATER = NOON + timedelta(days=400)
