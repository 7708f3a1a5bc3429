DROP TABLE user_identities;
-- next
DROP TABLE recovery_codes;
-- next
DROP TABLE two_factors;
