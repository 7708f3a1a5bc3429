// An object inside a client's request together with its path, so that whatever can't be carried is named.
#pragma once

#include "base/result.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// validation "invalid_request" on `path`: "messages[2].content[0].type <why>".
Error not_carried(std::string path, std::string why);

/// "input" and 3 are "input[3]".
std::string entry_path(std::string_view list, std::size_t entry);

/// The body as one object: validation "invalid_request" for anything else, also for text that is not UTF-8.
Result<boost::json::value> parse_request(std::string_view body);

/// Keeps a reference to the object. All errors are validation "invalid_request" with the field's path; a
/// null is as good as an absent member.
class RequestPart {
 public:
  RequestPart(const boost::json::object& object, std::string path)
      : object_(&object), path_(std::move(path)) {}

  /// `value` as an object.
  static Result<RequestPart> of(const boost::json::value& value, std::string path);

  /// Every member has one of these names: what nobody reads is refused, not dropped.
  Result<> only(std::initializer_list<std::string_view> names) const;
  /// The member is absent, or is this text: the only one of its values that the other dialect has.
  Result<> only_text(std::string_view name, std::string_view value) const;

  /// nullptr when it is absent or null.
  const boost::json::value* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }

  Result<std::string_view> text(std::string_view name) const;
  Result<std::optional<std::string_view>> optional_text(std::string_view name) const;
  Result<std::optional<bool>> optional_flag(std::string_view name) const;
  /// Whole or not; from `least` to `most`.
  Result<const boost::json::value*> optional_number(std::string_view name, double least, double most) const;
  Result<RequestPart> part(std::string_view name) const;
  /// nullptr when it is absent.
  Result<const boost::json::array*> optional_list(std::string_view name) const;

  const boost::json::object& object() const { return *object_; }
  const std::string& path() const { return path_; }
  std::string path_of(std::string_view name) const;
  Error refuse(std::string_view name, std::string why) const {
    return not_carried(path_of(name), std::move(why));
  }

 private:
  const boost::json::object* object_;
  std::string path_;
};

/// boost::json's string as everybody else's.
std::string_view view(const boost::json::string& text);

}  // namespace relay
