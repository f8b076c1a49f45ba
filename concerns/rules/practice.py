"""What everybody may know of the practice accounts: their addresses, their password and the secret of their second factor."""

DEMO_DOMAIN = "@example.org"
DEMO_PASSWORD = "practice-makes-safer"  # noqa: S105 - printed on purpose
DEMO_TOTP_SECRET = "PRACTICEPRACTICEPRACTICEPRACTICE"  # noqa: S105 - printed on purpose
