// An account at a provider: where its API is, and the credential that opens it.
#pragma once

#include "domain/model_pattern.h"
#include "domain/money.h"
#include "domain/provider.h"
#include "domain/usage_record.h"
#include "net/upstream_connections.h"
#include "upstream/account_state.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// Never changes once made, but for what `state` points to. The credential is in clear text and never leaves
/// towards a client or a log.
struct UpstreamAccount {
  std::string id;
  Provider provider = Provider::anthropic;
  UpstreamAddress address;
  std::string authority;    // for the Host header
  std::string path_prefix;  // what stands before /v1/… in the base URL; no slash at its end
  std::string credential;
  ModelPatterns models;  // that it is known to have; none: nothing is known
  WireDialect translated_to = WireDialect::anthropic_messages;  // what calls of other dialects become
  bool streams_usage = true;                                    // its streams can be asked for what they used
  int priority = 0;                                             // the lowest that can serve a call is taken
  int weight = 100;     // 1 to 1000: its share among those of one priority
  int concurrency = 0;  // calls at one time, of this process; 0: no limit
  std::map<std::string, std::string, std::less<>> model_map{};  // the name that is asked for -> its own name
  std::vector<std::string> groups{};         // whose calls it serves; none: of keys that are in no group
  std::optional<NanoUsd> daily_spend_cap{};  // of a UTC day; past it it is passed over
  std::string proxy_url{};                   // may hold a password: never shown or logged; empty: none
  std::shared_ptr<AccountState> state{};     // of the pool that it is in: AccountsInForce keeps it by id

  /// `base_url` as BaseUrl takes it. validation names `setting`.
  static Result<UpstreamAccount> from_settings(std::string id, Provider provider, std::string_view base_url,
                                               std::string credential, const std::string& setting);

  /// It is known to have it, under this name.
  bool has_model(std::string_view model) const {
    return model_map.contains(model) || (!models.patterns().empty() && models.allows(model));
  }
  /// What the provider calls the model that a client asks for as `model`. A view into the account, or
  /// `model`.
  std::string_view upstream_model(std::string_view model) const {
    const auto found = model_map.find(model);
    return found == model_map.end() ? model : std::string_view(found->second);
  }
  /// Whether calls of keys in `group` are its; empty: of keys that are in none.
  bool serves(std::string_view group) const;

  /// Appends the header line that carries the credential: "x-api-key: …" or "authorization: Bearer …".
  void append_credential(std::string& head) const;
};

}  // namespace relay
