"""Builders: each makes the least that a test is not about, through the public doors of the capabilities."""
