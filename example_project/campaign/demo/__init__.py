"""Loads the demo content. Each step can be run again without adding anything twice."""
