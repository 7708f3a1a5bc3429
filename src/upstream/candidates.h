// The accounts that could serve a call, before it is asked which of them can now.
#pragma once

#include "upstream/account.h"

#include <cstdint>
#include <string>
#include <vector>

namespace relay {

struct Candidate {
  const UpstreamAccount* account = nullptr;  // of the pool that they were made from
  std::uint64_t hash = 0;                    // of its id, for affinity
  std::string family;                        // of the model that is asked of it
  // The account's, here because each call goes over all of them.
  int priority = 0;
  int weight = 1;  // at least
};

/// All of one provider; by priority, the lowest first.
using CandidateList = std::vector<Candidate>;

}  // namespace relay
