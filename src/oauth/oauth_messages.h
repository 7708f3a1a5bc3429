// What OAuth speaks: addresses with a query, forms, and JSON answers.
#pragma once

#include "fetch/http_fetch.h"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace relay {

using OAuthFields = std::vector<std::pair<std::string_view, std::string>>;

/// "a=1&b=x%20y".
std::string to_form(const OAuthFields& fields);

/// `url` may have a query already.
std::string with_query(const std::string& url, const OAuthFields& fields);

/// The object that a 200 answered with; else unauthorized "oauth_failed".
Result<boost::json::object> read_json_answer(const FetchedAnswer& answer, std::string_view what);

/// The text of a member; empty for another kind and when it is not there.
std::string text_member(const boost::json::object& object, std::string_view name);

/// GET, with a bearer token unless it is empty. unavailable "oauth_unavailable", unauthorized "oauth_failed".
Task<boost::json::object> fetch_json(HttpFetch& http, std::string url, std::string bearer);

/// POST of a form, with `authorization` unless it is empty.
Task<boost::json::object> post_form(HttpFetch& http, std::string url, std::string form,
                                    std::string authorization);

}  // namespace relay
