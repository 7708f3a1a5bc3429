// Where an account's API is, as people write it.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace relay {

struct BaseUrl {
  bool tls = true;
  std::string host;         // a name or an address, without brackets
  std::string port;         // 1 to 65535
  std::string authority;    // as written: for the Host header
  std::string path_prefix;  // what stands before /v1/…; no slash at its end

  /// http://host[:port][/prefix] or https://…; a prefix that ends with /v1 is taken as meaning the API's own
  /// /v1 (OPENAI_BASE_URL is written both ways). validation names `setting`.
  static Result<BaseUrl> parse(std::string_view text, const std::string& setting);
};

}  // namespace relay
