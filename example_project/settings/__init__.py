"""Settings: ``demo`` needs nothing, ``production`` reads everything from the environment."""
