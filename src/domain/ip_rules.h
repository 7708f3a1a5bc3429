// From where a key may be used.
#pragma once

#include "base/result.h"
#include "text/ip_address.h"

#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// A list of addresses and networks. An empty list allows every address.
class IpRules {
 public:
  IpRules() = default;

  /// At most 100 entries; validation on `ipWhitelist` naming the first that is none.
  static Result<IpRules> parse(const std::vector<std::string>& entries);
  /// From what to_text wrote; internal for a broken entry.
  static Result<IpRules> from_store(std::string_view text);

  bool allows(const IpAddress& address) const;
  bool none() const { return networks_.empty(); }
  std::vector<std::string> entries() const;
  std::string to_text() const;

  friend bool operator==(const IpRules&, const IpRules&) = default;

 private:
  explicit IpRules(std::vector<IpNetwork> networks) : networks_(std::move(networks)) {}
  std::vector<IpNetwork> networks_;
};

}  // namespace relay
