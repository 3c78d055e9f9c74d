"""Public views outside the page tree, one module per URL: sign, inbox, confirm, manage, …"""
