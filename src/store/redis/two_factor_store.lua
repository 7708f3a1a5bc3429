local calls = {}

local function drop_codes(user)
  for _, id in ipairs(ids("recovery_codes", "user", user, "-inf", "+inf", PIECE)) do drop("recovery_codes", id) end
end

local function put_codes(user, hashes)
  drop_codes(user)
  for _, hash in ipairs(hashes) do upsert("recovery_codes", {user_id = user, code_hash = hash}) end
end

function calls.begin()
  local two_factor = fields()
  if not exists("users", two_factor.user_id) then return refuse("user_unknown") end
  if values("two_factors", two_factor.user_id, "confirmed_at_ms") then return refuse("two_factor_on") end
  upsert("two_factors", two_factor)
end

-- {the row, how many recovery codes are left}
function calls.find()
  local user = word()
  local found = raw("two_factors", user)
  if #found == 0 then return refuse("two_factor_unknown") end
  return {found, count("recovery_codes", "unused", user)}
end

function calls.confirm()
  local user, secret, step, hashes, now = word(), word(), word(), list(), word()
  local known, confirmed = values("two_factors", user, "sealed_secret", "confirmed_at_ms")
  if known ~= secret or confirmed then return refuse("two_factor_on") end
  patch("two_factors", user, {confirmed_at_ms = now, last_step = step})
  put_codes(user, hashes)
end

function calls.use_step()
  local user, step = word(), word()
  local last = values("two_factors", user, "last_step")
  if not last or tonumber(last) >= tonumber(step) then return refuse("code_used") end
  patch("two_factors", user, {last_step = step})
end

function calls.use_recovery_code()
  local id, now = id_of(word(), word()), word()
  if not exists("recovery_codes", id) or values("recovery_codes", id, "used_at_ms") then
    return refuse("recovery_code_unknown")
  end
  patch("recovery_codes", id, {used_at_ms = now})
end

function calls.replace_recovery_codes()
  local user, hashes = word(), list()
  if not values("two_factors", user, "confirmed_at_ms") then return refuse("two_factor_unknown") end
  put_codes(user, hashes)
end

-- 1 when the secret was `before`.
function calls.reseal()
  local user, before, after = word(), word(), word()
  if values("two_factors", user, "sealed_secret") ~= before then return 0 end
  patch("two_factors", user, {sealed_secret = after})
  return 1
end

function calls.remove()
  local user = word()
  drop_codes(user)
  drop("two_factors", user)
end

return answer(calls)
