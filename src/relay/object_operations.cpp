#include "relay/object_operations.h"

#include <array>
#include <deque>
#include <span>
#include <string>

namespace relay {
namespace {

using Prefixes = std::span<const std::string_view>;

struct ObjectPath {
  std::string_view method;
  std::string_view behind;  // the collection's path
  ObjectCall call;
};

struct Collection {
  Prefixes prefixes;
  std::string_view path;  // behind "/v1" at the provider
  WireDialect dialect;
  ProviderObjectKind object;
  std::span<const ObjectPath> paths;
};

constexpr auto kObjectPrefixesOfMessages =
    std::to_array<std::string_view>({"/v1", "/api/v1", "/claude/v1", "/api/client/relay", "/api/client/v1"});
constexpr auto kObjectPrefixesOfFiles = std::to_array<std::string_view>(
    {"/v1", "/api/v1", "/claude/v1", "/openai/v1", "/api/client/relay", "/api/client/v1"});
constexpr auto kObjectPrefixesOfBatches =
    std::to_array<std::string_view>({"/v1", "/openai/v1", "/api/client/relay", "/api/client/v1"});
constexpr auto kObjectPrefixesOfResponses =
    std::to_array<std::string_view>({"/v1", "", "/openai/v1", "/openai", "/api/client/v1"});

constexpr auto kMessageBatchPaths = std::to_array<ObjectPath>({{"POST", "", ObjectCall::create},
                                                               {"GET", "", ObjectCall::list},
                                                               {"GET", "/*", ObjectCall::get},
                                                               {"DELETE", "/*", ObjectCall::remove},
                                                               {"POST", "/*/cancel", ObjectCall::cancel},
                                                               {"GET", "/*/results", ObjectCall::content}});
constexpr auto kFilePaths = std::to_array<ObjectPath>({{"POST", "", ObjectCall::create},
                                                       {"GET", "", ObjectCall::list},
                                                       {"GET", "/*", ObjectCall::get},
                                                       {"DELETE", "/*", ObjectCall::remove},
                                                       {"GET", "/*/content", ObjectCall::content}});
constexpr auto kBatchPaths = std::to_array<ObjectPath>({{"POST", "", ObjectCall::create},
                                                        {"GET", "", ObjectCall::list},
                                                        {"GET", "/*", ObjectCall::get},
                                                        {"POST", "/*/cancel", ObjectCall::cancel}});
constexpr auto kResponsePaths = std::to_array<ObjectPath>({{"GET", "/*", ObjectCall::get},
                                                           {"DELETE", "/*", ObjectCall::remove},
                                                           {"POST", "/*/cancel", ObjectCall::cancel},
                                                           {"GET", "/*/input_items", ObjectCall::items}});

// The dialect of files is the caller's: see Exchange::dialect.
constexpr auto kCollections = std::to_array<Collection>(
    {{kObjectPrefixesOfMessages, "/messages/batches", WireDialect::anthropic_messages,
      ProviderObjectKind::batch, kMessageBatchPaths},
     {kObjectPrefixesOfFiles, "/files", WireDialect::openai_chat, ProviderObjectKind::file, kFilePaths},
     {kObjectPrefixesOfBatches, "/batches", WireDialect::openai_chat, ProviderObjectKind::batch, kBatchPaths},
     {kObjectPrefixesOfResponses, "/responses", WireDialect::openai_responses, ProviderObjectKind::response,
      kResponsePaths}});

}  // namespace

void append_object_operations(std::vector<RelayOperation>& operations) {
  static std::deque<std::string> texts;
  for (const auto& collection : kCollections) {
    const std::string_view upstream = texts.emplace_back("/v1" + std::string(collection.path));
    for (const auto& path : collection.paths) {
      for (const auto prefix : collection.prefixes) {
        auto& text = texts.emplace_back(prefix);
        text.append(collection.path).append(path.behind);
        operations.push_back({.method = path.method,
                              .path = text,
                              .kind = RelayOperation::Kind::object,
                              .dialect = collection.dialect,
                              .upstream_path = upstream,
                              .call = path.call,
                              .object = collection.object});
      }
    }
  }
}

}  // namespace relay
