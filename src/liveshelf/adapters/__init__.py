"""Outside systems behind ports: one folder each, the real one and its simulator together."""
