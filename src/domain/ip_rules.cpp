#include "domain/ip_rules.h"

#include "text/lines.h"

#include <algorithm>

namespace relay {

Result<IpRules> IpRules::parse(const std::vector<std::string>& entries) {
  Error error(ErrorKind::validation, "ip_whitelist_invalid", "The list of addresses is not valid");
  if (entries.size() > 100) return std::move(error).on_field("ipWhitelist", "must have at most 100 entries");
  std::vector<IpNetwork> networks;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (const auto network = IpNetwork::parse(entries[i])) {
      networks.push_back(*network);
    } else {
      error.on_field("ipWhitelist[" + std::to_string(i) + "]",
                     "must be an address or a network such as 10.0.0.0/8");
    }
  }
  if (!error.fields().empty()) return error;
  return IpRules(std::move(networks));
}

Result<IpRules> IpRules::from_store(std::string_view text) {
  std::vector<IpNetwork> networks;
  for (const auto& line : split_lines(text)) {
    const auto network = IpNetwork::parse(line);
    if (!network) return Error(ErrorKind::internal, "bad_ip_rules", "Internal error").because(line);
    networks.push_back(*network);
  }
  return IpRules(std::move(networks));
}

bool IpRules::allows(const IpAddress& address) const {
  return networks_.empty() ||
         std::ranges::any_of(networks_, [&](const auto& network) { return network.contains(address); });
}

std::vector<std::string> IpRules::entries() const {
  std::vector<std::string> out;
  for (const auto& network : networks_) out.push_back(network.text());
  return out;
}

std::string IpRules::to_text() const { return join_lines(entries()); }

}  // namespace relay
