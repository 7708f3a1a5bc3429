#include "api/documentation_routes.h"

#include "base/embedded_file.h"
#include "crypto/sha256.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <memory>
#include <span>
#include <stdexcept>

namespace relay {

std::span<const EmbeddedFile> embedded_documentation();

namespace {

constexpr const char* kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// What is served. The document is written when every route is known, this one among them.
struct Content {
  std::string text;
  std::string tag;
};
using SharedContent = std::shared_ptr<Content>;

void fill(Content& content, std::string text) {
  content.tag = "\"" + sha256_hex(text).substr(0, 32) + "\"";
  content.text = std::move(text);
}

Task<HttpAnswer> serve(SharedContent content, std::string_view type) {
  HttpAnswer answer;
  answer.headers.push_back({"Content-Type", std::string(type)});
  answer.headers.push_back({"ETag", content->tag});
  answer.headers.push_back({"Cache-Control", "no-cache"});
  if (type.starts_with("text/html")) answer.headers.push_back({"Content-Security-Policy", kPagePolicy});
  answer.body = content->text;
  co_return answer;
}

boost::json::object any_object() { return {{"type", "object"}}; }

Route content_route(std::string_view path, std::string_view operation, std::string_view summary,
                    std::string_view type, SharedContent content) {
  Route route;
  route.spec = RouteSpec{.method = "GET",
                         .path = path,
                         .access = Access::open,
                         .operation = operation,
                         .summary = summary,
                         .base = Base::root};
  const bool is_json = type == "application/json";
  route.answers = {
      {.status = 200,
       .meaning = "It",
       .media_type = type.substr(0, type.find(';')),
       .headers = {"ETag"},
       .schema = is_json ? &any_object : nullptr},
      {.status = 304, .meaning = "Not changed since the ETag of If-None-Match", .headers = {"ETag"}}};
  route.call = [content = std::move(content), type](Call, RouteInput) { return serve(content, type); };
  return route;
}

SharedContent embedded(std::string_view name) {
  const auto files = embedded_documentation();
  const auto found = std::ranges::find(files, name, &EmbeddedFile::name);
  if (found == files.end()) throw std::logic_error("not embedded: " + std::string(name));
  auto content = std::make_shared<Content>();
  fill(*content, std::string(found->content));
  return content;
}

}  // namespace

std::vector<Route> with_documentation(std::vector<Route> routes, const std::vector<RelayedCall>& relayed,
                                      const std::string& version) {
  auto document = std::make_shared<Content>();
  routes.push_back(
      content_route("/openapi.json", "getOpenApi", "This document", "application/json", document));
  routes.push_back(content_route("/docs", "getDocs", "A readable page of it", "text/html; charset=utf-8",
                                 embedded("docs.html")));
  routes.push_back(content_route("/docs/docs.css", "getDocsStyle", "The page's style",
                                 "text/css; charset=utf-8", embedded("docs.css")));
  routes.push_back(content_route("/docs/docs.js", "getDocsScript", "The page's script",
                                 "text/javascript; charset=utf-8", embedded("docs.js")));
  routes.push_back(content_route("/docs/docs.svg", "getDocsIcon", "The page's icon", "image/svg+xml",
                                 embedded("docs.svg")));
  fill(*document, boost::json::serialize(openapi_document(routes, relayed, version)));
  return routes;
}

}  // namespace relay
