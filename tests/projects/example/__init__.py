"""The example site, tested as the integrator's project that it is."""
