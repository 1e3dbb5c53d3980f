"""What the machine's rules object to."""

from liveshelf.compliance.packaged import flagged_fingerprints

FLAGGED = flagged_fingerprints()[0]
