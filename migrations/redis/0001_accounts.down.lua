-- Called until it returns false: there is no more.
return empty("sealed_secrets", "email_tokens", "api_keys", "session_spent_tokens", "sessions", "users", "plans")
