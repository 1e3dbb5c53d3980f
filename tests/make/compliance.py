"""What the machine's rules object to."""

from liveshelf.compliance.lexicon import flagged_fingerprints

FLAGGED = flagged_fingerprints()[0]
