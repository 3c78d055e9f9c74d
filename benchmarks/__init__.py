"""The scenarios behind every published figure: ratios of two things measured in the same run."""
