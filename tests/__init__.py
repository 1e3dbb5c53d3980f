"""Tests by kind: unit integration flows stateful races contract gateway migrations browser tidy; `make` builds what
they need.
"""
