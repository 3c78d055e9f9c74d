"""Build scripts that are not part of the package."""
