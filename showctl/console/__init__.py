"""The operator's page: HTTP and WebSocket server, and the one façade that it shares with every other surface (``Desk``)."""
