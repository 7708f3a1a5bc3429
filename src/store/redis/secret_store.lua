local calls = {}

function calls.find()
  return raw("sealed_secrets", word())
end

function calls.put_if_absent()
  local secret = fields()
  insert("sealed_secrets", secret)
  return raw("sealed_secrets", secret.name)
end

return answer(calls)
