"""Composition roots: one module a process kind, and the registry that loads every capability's private tables and jobs by name."""
