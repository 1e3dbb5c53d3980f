"""The commands of the command line, one module each. `installation` is how they reach the data."""
