"""Real servers for the tests that are about them. Each module starts one and says what is missing when it cannot."""
