"""The operator's page: HTTP and WebSocket server, roles, and the one façade every surface calls."""
