"""The show folder: YAML to Show, with file, line and column on every complaint; the home of pydantic and YAML."""
