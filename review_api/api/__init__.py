"""The JSON API under /api/v1: one module a resource. Case leads have their own room, `review_api.cases`."""
