// A call whose client and whose upstream speak different dialects.
#pragma once

#include "relay/operation.h"
#include "translate/translation.h"

#include <memory>
#include <string>
#include <string_view>

namespace relay {

/// More is translated in the pool: a megabyte takes about 30 ms, which the worker's other calls would wait.
inline constexpr std::size_t kTranslatedInPlaceBytesMax = 256 * 1024;

struct TranslatedCall {
  WireDialect dialect = WireDialect::anthropic_messages;  // the upstream's
  std::string_view upstream_path;
  std::unique_ptr<Translation> translation;
  std::string body;  // the request as the upstream gets it
};

/// Whether calls of this operation can become calls of another dialect at all.
bool is_translatable(const RelayOperation& operation);

/// Null when nothing makes this operation one of the dialect that `account` has translated calls in.
std::unique_ptr<TranslatedCall> make_translated_call(const RelayOperation& operation,
                                                     const UpstreamAccount& account);

}  // namespace relay
