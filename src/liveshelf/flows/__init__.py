"""Use cases in which several capabilities take part, and the one table from events to their consequences."""
