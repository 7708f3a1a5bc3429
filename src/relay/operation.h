// What the relay serves: the paths, their aliases, and what each means.
#pragma once

#include "domain/permission.h"
#include "domain/provider_object.h"
#include "domain/usage_record.h"
#include "http/error_answer.h"
#include "upstream/account.h"

#include <span>
#include <string>
#include <string_view>

namespace relay {

/// What is done with a file, a batch or a stored response at the provider.
enum class ObjectCall : std::uint8_t { none, create, list, get, remove, cancel, content, items };

/// One relayed call by kind. The table in operation.cpp is the only list of relay paths: the server
/// asks it which requests are the relay's, the OpenAPI document and the tests read it too.
struct RelayOperation {
  enum class Kind { generate, count_tokens, list_models, open_websocket, object };

  std::string_view method;
  std::string_view path;  // an alias, as clients ask for it; "/*" stands for one segment
  Kind kind = Kind::generate;
  WireDialect dialect = WireDialect::anthropic_messages;
  std::string_view upstream_path;  // at the provider, before the base URL's prefix
  ObjectCall call = ObjectCall::none;
  ProviderObjectKind object = ProviderObjectKind::file;
};

std::span<const RelayOperation> relay_operations();

enum class RelayPath { unknown, known, wrong_method };

struct FoundOperation {
  RelayPath match = RelayPath::unknown;
  const RelayOperation* operation = nullptr;  // set when known; on wrong_method one with this path
  std::string_view tail;                      // the path from what "/*" stood for on, with its slash
};

/// `path` without the query. Under /api/client and under /client alike.
FoundOperation find_operation(std::string_view method, std::string_view path);

/// "GET, DELETE": what Allow says of a path that is known with other methods.
std::string allowed_methods(std::string_view path);

ErrorShape shape_of(WireDialect dialect);
Provider provider_of(WireDialect dialect);
/// What a key needs for this provider's models.
Permission permission_for(Provider provider);

}  // namespace relay
