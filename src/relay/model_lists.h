// What the accounts' own lists of models said last.
#pragma once

#include "base/clock.h"
#include "dialect/models_list.h"

#include <map>
#include <string>
#include <vector>

namespace relay {

/// One per worker; on its thread.
struct ModelLists {
  struct List {
    SteadyTime asked_at;
    bool was_asked = false;
    bool is_known = false;            // it was heard once: what it said is kept when its account is away
    std::vector<ListedModel> models;  // of at most 4 MB
  };
  std::map<std::string, List, std::less<>> lists;  // by the account's id
};

}  // namespace relay
