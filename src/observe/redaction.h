// What must never reach a log line: keys, tokens, passwords. The log calls it for every text.
#pragma once

#include <string>
#include <string_view>

namespace relay {

/// Appends `text` to `out` with every secret in it replaced by "[redacted]": API keys (cr_, cuk_, sk-),
/// Bearer and Basic credentials, JSON web tokens, passwords in addresses, private keys in PEM, and what
/// follows a name such as password, token, secret or apiKey with ':' or '=', quoted or not, in JSON within
/// JSON too. Linear time.
void append_redacted(std::string& out, std::string_view text);

std::string redacted(std::string_view text);

/// Whether a value under this name is a secret by its name alone: password, refreshToken, x-api-key, ...
bool is_sensitive_name(std::string_view name);

}  // namespace relay
