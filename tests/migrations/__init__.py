"""Migrations on the PostgreSQL versions that are supported."""
