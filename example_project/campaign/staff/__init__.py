"""Staff accounts: login with a second factor (django-otp), and a limit of failed logins (django-axes)."""
