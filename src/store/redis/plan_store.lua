local calls = {}

function calls.list()
  return page_on("plans", "all")
end

function calls.find()
  return raw("plans", word())
end

function calls.put()
  upsert("plans", fields())
end

return answer(calls)
