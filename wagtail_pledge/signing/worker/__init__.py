"""What the worker does for the ledger."""
