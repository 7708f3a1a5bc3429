// Server-sent events, written.
#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace relay {

/// `event: name`, `data: {...}` on one line, an empty line. `name` is a literal of ours.
void append_sse_frame(std::string& out, std::string_view name, const boost::json::object& data);

/// A comment: keeps a quiet connection awake where the dialect has no event for it.
void append_sse_comment(std::string& out);

}  // namespace relay
