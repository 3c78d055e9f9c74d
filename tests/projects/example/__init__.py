"""Tests of the example site, as an integrator's project."""
