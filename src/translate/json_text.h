// JSON written as people and models write it: Boost.JSON makes 5E-1 of 0.5, and a model copies what it reads.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>

namespace relay {

/// Recursive: for values that parse_json has read, whose depth is bounded.
std::string to_json_text(const boost::json::value& value);
std::string to_json_text(const boost::json::object& object);
void append_json_text(std::string& out, const boost::json::object& object);

}  // namespace relay
