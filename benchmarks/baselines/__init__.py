"""The app with the baselines that the package is compared with."""
