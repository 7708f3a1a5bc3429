#include "http/header_rules.h"

#include "http/field_bytes.h"

#include <algorithm>

namespace relay {
namespace {

// RFC 9110 7.6.1: a sender must not name what all recipients need. Removing one at a client's wish is how
// hop-by-hop abuse works: the next hop would read another message than we did.
constexpr KnownFieldSet kNeverNamedAway(KnownField::host, KnownField::content_length,
                                        KnownField::content_type, KnownField::content_encoding,
                                        KnownField::anthropic_version);

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           const auto& lower = field_bytes::kTokenLower;
           return lower[static_cast<unsigned char>(x)] == lower[static_cast<unsigned char>(y)];
         });
}

bool is_dropped(const ParsedHead& head, const HeadField& field) {
  return head.connection_names_fields() && !kNeverNamedAway.contains(field.known) &&
         named_by_connection(head, field.name);
}

}  // namespace

bool named_by_connection(const ParsedHead& head, std::string_view name) {
  for (const HeadField field : head.fields()) {
    if (field.known != KnownField::connection) continue;
    auto list = field.value;
    while (!list.empty()) {
      const auto comma = std::min(list.find(','), list.size());
      if (same_name(trimmed(list.substr(0, comma)), name)) return true;
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
  return false;
}

bool passes_to_provider(const ParsedHead& head, const HeadField& field) {
  return !kHopByHopFields.contains(field.known) && !kCredentialFields.contains(field.known) &&
         !kReplacedInRequests.contains(field.known) && !is_dropped(head, field);
}

bool passes_to_client(const ParsedHead& head, const HeadField& field) {
  return !kHopByHopFields.contains(field.known) && !kReplacedInAnswers.contains(field.known) &&
         !is_dropped(head, field);
}

}  // namespace relay
