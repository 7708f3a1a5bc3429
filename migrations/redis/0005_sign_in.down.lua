return empty("user_identities", "recovery_codes", "two_factors")
