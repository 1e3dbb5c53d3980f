"""The native API: JSON under /v1, problem+json for errors, OpenAPI 3.1; one module per capability.

Three hops: decode by type, call the service or flow in one transaction, encode. A handler holds no business `if`.
"""
