// An account at a provider: where its API is, and the credential that opens it.
#pragma once

#include "domain/model_pattern.h"
#include "domain/usage_record.h"
#include "net/upstream_connections.h"

#include <string>
#include <string_view>

namespace relay {

enum class Provider { anthropic, openai };
std::string_view to_string(Provider provider);

/// Never changes once made. The credential is in clear text and never leaves towards a client or a log.
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

  /// `base_url`: http://host[:port][/prefix] or https://…; a prefix that ends with /v1 is taken as
  /// meaning the API's own /v1 (OPENAI_BASE_URL is written both ways). validation names `setting`.
  static Result<UpstreamAccount> from_settings(std::string id, Provider provider, std::string_view base_url,
                                               std::string credential, const std::string& setting);

  bool has_model(std::string_view model) const { return !models.patterns().empty() && models.allows(model); }

  /// Appends the header line that carries the credential: "x-api-key: …" or "authorization: Bearer …".
  void append_credential(std::string& head) const;
};

}  // namespace relay
