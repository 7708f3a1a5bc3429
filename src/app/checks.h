// What `claude-relay doctor` looks at, and how each fault is mended.
#pragma once

#include "app/settings.h"
#include "base/clock.h"

#include <string>
#include <vector>

namespace relay {

struct Check {
  enum class State { good, warning, failed };
  State state = State::good;
  std::string name{};   // "store"
  std::string words{};  // what was found
  std::string mend{};   // how to mend it; empty when there is nothing to mend
};

/// Each blocks until it is done, a few seconds at most, and changes nothing but a file that it makes and
/// deletes in a folder that must be writable. Every fault is a Check, nothing is thrown.
std::vector<Check> check_settings(const Settings& settings);
/// Mail: the settings alone, the server is not asked.
Check check_mail(const Settings& settings);
std::vector<Check> check_folders(const Settings& settings);
Check check_store(const Settings& settings);
Check check_port(const Settings& settings);
Check check_descriptors(const Settings& settings);

/// Connection, TLS, the credential (by asking for the list of models), and the clock beside the provider's.
std::vector<Check> check_upstreams(const Settings& settings, const Clock& clock);
/// That the accounts of the store can be opened, and unless `offline` the same as above with each that is
/// enabled. Nothing where there are none.
std::vector<Check> check_stored_accounts(const Settings& settings, const Clock& clock, bool offline);

}  // namespace relay
