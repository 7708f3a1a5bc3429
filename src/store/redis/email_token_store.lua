local calls = {}

function calls.insert()
  local token = fields()
  if not exists("users", token.user_id) then return refuse("user_unknown") end
  if exists("email_tokens", token.token_hash) then return refuse("duplicate") end
  if token.purpose ~= "restore" then  -- of the others there is one at most
    for _, old in ipairs(ids("email_tokens", "purpose", id_of(token.user_id, token.purpose), "-inf", "+inf", PIECE)) do
      drop("email_tokens", old)
    end
  end
  insert("email_tokens", token)
end

function calls.consume()
  local id, purpose, now = word(), word(), word()
  local token = row("email_tokens", id)
  if not token or token.purpose ~= purpose or token.used_at_ms or tonumber(token.expires_at_ms) <= tonumber(now) then
    return refuse("email_token_unknown")
  end
  patch("email_tokens", id, {used_at_ms = now})
  return raw("email_tokens", id)
end

function calls.discard()
  local user, purpose = word(), word()
  return sweep("email_tokens", "purpose", id_of(user, purpose), math.huge)
end

function calls.delete_expired()
  return sweep("email_tokens", "expires", nil, word())
end

return answer(calls)
