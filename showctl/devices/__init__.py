"""One sans-I/O driver per kind of device; it owns timeouts, polling and backoff, and never awaits."""
