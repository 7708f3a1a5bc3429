// Any body is bound or refused, with every wrong field named in plain UTF-8; what was bound is written and
// bound again to the same; no member of what passes stands in it twice.
#include "fuzz_input.h"
#include "json/binding.h"
#include "json/json_index.h"
#include "text/utf8.h"

#include <boost/describe.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace {

using namespace relay;

struct Inner {
  std::optional<std::int64_t> requests_per_minute;
  Whole<0, 100> concurrency;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (requests_per_minute, concurrency))

struct Everything {
  Text<1, 5> name;
  std::optional<std::string> description;
  std::optional<Inner> rate_limit;
  std::vector<Inner> list;
  std::vector<std::string> tags;
  std::optional<WallTime> expires_at;
  boost::json::object metadata;
  std::optional<bool> all;
  std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(Everything, (),
                      (name, description, rate_limit, list, tags, expires_at, metadata, all, count))

struct Change {
  Patch<std::string> name;
  Patch<std::vector<std::string>> tags;
  Patch<Inner> rate_limit;
};
BOOST_DESCRIBE_STRUCT(Change, (), (name, tags, rate_limit))

struct Query {
  std::optional<Whole<1, 200>> limit;
  std::optional<std::string> search;
  std::optional<bool> all;
};
BOOST_DESCRIBE_STRUCT(Query, (), (limit, search, all))

void check_refusal(const Error& error) {
  fuzz::require(error.kind() == ErrorKind::validation, "a refusal is the caller's fault");
  fuzz::require(!error.fields().empty(), "a refusal names a field");
  fuzz::require(is_utf8(error.message()), "its words are UTF-8");
  for (const auto& [field, message] : error.fields()) {
    fuzz::require(!field.empty() && is_utf8(field) && !message.empty(), "a field is named in UTF-8");
  }
}

std::size_t members_in(const boost::json::value& value) {
  std::size_t count = 0;
  if (const auto* object = value.if_object()) {
    count += object->size();
    for (const auto& [name, member] : *object) count += members_in(member);
  }
  if (const auto* array = value.if_array()) {
    for (const auto& entry : *array) count += members_in(entry);
  }
  return count;
}

// By the other reader, which keeps equal names.
std::size_t members_in(JsonValue value) {
  std::size_t count = 0;
  value.each_member([&](std::string_view, JsonValue member) { count += 1 + members_in(member); });
  value.each_element([&](JsonValue element) { count += members_in(element); });
  return count;
}

template <class T>
void check_bound(const boost::json::value& value) {
  const auto bound = from_json<T>(value);
  if (bound.has_error()) return check_refusal(bound.error());
  const auto written = boost::json::serialize(to_json(*bound));
  fuzz::require(is_utf8(written), "an answer is UTF-8");
  const auto again = from_json<T>(parse_json(written).value());
  fuzz::require(again.has_value(), "what was written can be read");
  fuzz::require(boost::json::serialize(to_json(*again)) == written, "and is the same");
}

void check_query(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    pairs.emplace_back(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
  }
  const auto query = from_pairs<Query>(pairs);
  if (query.has_error()) check_refusal(query.error());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check_query(text);
  const auto value = parse_json(text);
  if (value.has_error()) {
    check_refusal(value.error());
    return 0;
  }
  check_bound<Everything>(*value);
  if (from_json<Change>(*value).has_error()) check_refusal(from_json<Change>(*value).error());
  static JsonIndex index;
  if (index.read(text) == JsonFault::none)
    fuzz::require(members_in(index.root()) == members_in(*value), "no member was there twice");
  return 0;
}
