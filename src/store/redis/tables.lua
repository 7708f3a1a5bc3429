-- Every table of the store, declared once: the columns are those of migrations/sqlite. Each is a function, so that a
-- script builds only what it looks at.
--   key       the columns of the primary key
--   unique    name -> columns (`lower`: without regard to case). Rows that lack one of them are not in it.
--   sorted    name -> an index in the order of (score, member):
--               score   a column of times, a number, or a function of the row; nothing: the row is not in it
--               group   one index for each value of these columns
--               member  the column that stands in it; without it the primary key
--             Every table has one without a group, so that all of its rows can be found.
--   children  what goes when a row goes: {table, the index of it that is grouped by this row's id}, or {table} for a
--             row with the same id
local declared = {}

declared.plans = function()
  return {key = {"id"}, unique = {}, sorted = {all = {score = 0}}}
end

declared.users = function()
  return {
    key = {"id"},
    unique = {email = {"email"}, username = {"username", lower = true}},
    sorted = {
      created = {score = "created_at_ms"},
      updated = {score = "updated_at_ms", group = {"status"}},
      standing = {score = 0, group = {"role", "status"}}
    },
    children = {
      {"sessions", "user"}, {"email_tokens", "user"}, {"notifications", "user"}, {"known_devices", "user"},
      {"recovery_codes", "user"}, {"two_factors"}, {"user_identities", "user"}, {"provider_objects", "user"},
      {"api_keys", "user"}
    }
  }
end

declared.sessions = function()
  local function not_revoked(row) return not row.revoked_at_ms and row.created_at_ms end
  return {
    key = {"id"},
    unique = {refresh_hash = {"refresh_hash"}},
    sorted = {
      user = {score = "created_at_ms", group = {"user_id"}},
      used = {score = "last_used_at_ms", group = {"user_id"}},
      open = {score = not_revoked, group = {"user_id"}},
      family = {score = not_revoked, group = {"family_id"}},
      ended = {
        score = function(row)
          if row.revoked_at_ms and tonumber(row.revoked_at_ms) < tonumber(row.expires_at_ms) then
            return row.revoked_at_ms
          end
          return row.expires_at_ms
        end
      }
    },
    children = {{"session_spent_tokens", "session"}}
  }
end

declared.session_spent_tokens = function()
  return {
    key = {"refresh_hash"},
    unique = {},
    sorted = {spent = {score = "spent_at_ms"}, session = {score = "spent_at_ms", group = {"session_id"}}}
  }
end

declared.api_keys = function()
  return {
    key = {"id"},
    unique = {key_hash = {"key_hash"}, retiring_hash = {"retiring_hash"}},
    sorted = {
      created = {score = "created_at_ms"},
      user = {score = "created_at_ms", group = {"user_id"}},
      standing = {score = 0, group = {"user_id", "status"}},
      expires = {score = "expires_at_ms", group = {"status"}},
      updated = {score = "updated_at_ms", group = {"status"}}
    }
  }
end

declared.email_tokens = function()
  return {
    key = {"token_hash"},
    unique = {},
    sorted = {
      user = {score = "created_at_ms", group = {"user_id"}},
      purpose = {score = "created_at_ms", group = {"user_id", "purpose"}},
      expires = {score = "expires_at_ms"}
    }
  }
end

declared.sealed_secrets = function()
  return {key = {"name"}, unique = {}, sorted = {created = {score = "created_at_ms"}}}
end

declared.node_offsets = function()
  return {key = {"node_id"}, unique = {}, sorted = {all = {score = 0}}}
end

declared.model_prices = function()
  return {
    key = {"model", "tier", "context_over", "effective_from_ms"},
    unique = {},
    sorted = {all = {score = 0}}
  }
end

declared.billing_records = function()
  return {
    key = {"id"},
    unique = {reference = {"reference"}},
    sorted = {created = {score = "created_at_ms"}, user = {score = "created_at_ms", group = {"user_id"}}}
  }
end

declared.notifications = function()
  return {
    key = {"id"},
    unique = {subject = {"user_id", "subject"}},
    sorted = {
      created = {score = "created_at_ms"},
      user = {score = "created_at_ms", group = {"user_id"}},
      shown = {score = "created_at_ms", group = {"user_id", "in_app"}}
    }
  }
end

declared.audit_logs = function()
  return {
    key = {"sequence"},
    unique = {id = {"id"}},
    sorted = {
      sequence = {score = "sequence"},
      created = {score = "created_at_ms", member = "id"},
      user = {score = "created_at_ms", group = {"user_id"}, member = "id"},
      actor = {score = "created_at_ms", group = {"actor_id"}, member = "id"}
    }
  }
end

declared.audit_head = function()
  return {key = {"id"}, unique = {}, sorted = {all = {score = 0}}}
end

declared.upstream_accounts = function()
  return {
    key = {"id"},
    unique = {name = {"name"}},
    sorted = {created = {score = "created_at_ms"}, provider = {score = "created_at_ms", group = {"provider"}}}
  }
end

declared.outbox = function()
  return {
    key = {"id"},
    unique = {},
    sorted = {
      created = {score = "created_at_ms"},
      user = {score = "created_at_ms", group = {"user_id"}},
      given_up = {score = "given_up_at_ms"},
      due = {score = function(row) return not row.given_up_at_ms and row.due_at_ms end},
      -- When it may be claimed: due, and no longer held.
      free = {
        score = function(row)
          if row.given_up_at_ms then return nil end
          if row.lease_until_ms and tonumber(row.lease_until_ms) > tonumber(row.due_at_ms) then
            return row.lease_until_ms
          end
          return row.due_at_ms
        end
      }
    }
  }
end

declared.known_devices = function()
  return {
    key = {"user_id", "fingerprint"},
    unique = {},
    sorted = {seen = {score = "last_seen_at_ms"}, user = {score = "last_seen_at_ms", group = {"user_id"}}}
  }
end

declared.two_factors = function()
  return {key = {"user_id"}, unique = {}, sorted = {created = {score = "created_at_ms"}}}
end

declared.recovery_codes = function()
  return {
    key = {"user_id", "code_hash"},
    unique = {},
    sorted = {
      all = {score = 0},
      user = {score = 0, group = {"user_id"}},
      unused = {score = function(row) return not row.used_at_ms and 0 end, group = {"user_id"}}
    }
  }
end

declared.user_identities = function()
  return {
    key = {"id"},
    unique = {subject = {"issuer", "subject"}},
    sorted = {created = {score = "created_at_ms"}, user = {score = "created_at_ms", group = {"user_id"}}}
  }
end

declared.provider_objects = function()
  return {
    key = {"id"},
    unique = {},
    sorted = {
      created = {score = "created_at_ms"},
      user = {score = "created_at_ms", group = {"user_id"}},
      owned = {score = "created_at_ms", group = {"user_id", "provider", "kind"}},
      expires = {score = "expires_at_ms"}
    }
  }
end

declared.job_leases = function()
  return {key = {"job"}, unique = {}, sorted = {all = {score = 0}}}
end

declared.revisions = function()
  return {key = {"name"}, unique = {}, sorted = {all = {score = 0}}}
end

declared.schema_migrations = function()
  return {key = {"version"}, unique = {}, sorted = {version = {score = "version"}}}
end
