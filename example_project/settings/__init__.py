"""Settings: ``demo`` works without configuration, ``production`` reads environment variables."""
