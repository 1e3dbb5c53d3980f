"""Composition roots: one module a process kind, and the registry of every capability's private tables and jobs."""
