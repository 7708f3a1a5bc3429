local calls = {}

-- 1 when `holder` has it now.
function calls.take()
  local job, holder, now, lease_until = word(), word(), word(), word()
  local held_by, held_until = values("job_leases", job, "holder", "lease_until_ms")
  if held_by and held_by ~= holder and tonumber(held_until) > tonumber(now) then return 0 end
  upsert("job_leases", {job = job, holder = holder, lease_until_ms = lease_until})
  return 1
end

function calls.last_holder()
  return values("job_leases", word(), "holder") or ""
end

function calls.forget()
  local job, holder = word(), word()
  if values("job_leases", job, "holder") == holder then drop("job_leases", job) end
  return 1
end

return answer(calls)
