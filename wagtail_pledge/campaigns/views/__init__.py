"""The public views outside the page tree: sign, inbox, confirm, manage."""
