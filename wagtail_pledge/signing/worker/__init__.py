"""Jobs of ``pledge_worker``: mail, screening, surges and tallies."""
