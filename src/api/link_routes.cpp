#include "api/link_routes.h"

#include "base/embedded_file.h"
#include "crypto/sha256.h"
#include "text/base64.h"

#include <memory>
#include <span>

namespace relay {

std::span<const EmbeddedFile> embedded_pages();  // resources/pages

namespace {

struct LinkPage {
  std::string html;
  std::string policy;
};

std::string_view file(std::string_view name) {
  for (const auto& each : embedded_pages()) {
    if (each.name == name) return each.content;
  }
  return {};
}

void put(std::string& html, std::string_view place, std::string_view content) {
  html.replace(html.find(place), place.size(), content);
}

std::string hash_source(std::string_view content) {
  const auto digest = sha256(content);
  return "'sha256-" + to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()}) + "'";
}

// The page's own script and style, known by their hashes; calls to this origin; and nothing else.
std::shared_ptr<const LinkPage> make_page() {
  LinkPage page{.html = std::string(file("link.html")), .policy = ""};
  put(page.html, "{{style}}", file("link.css"));
  put(page.html, "{{script}}", file("link.js"));
  page.policy = "default-src 'none'; script-src " + hash_source(file("link.js")) + "; style-src " +
                hash_source(file("link.css")) +
                "; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  return std::make_shared<const LinkPage>(std::move(page));
}

Task<HttpAnswer> serve_page(std::shared_ptr<const LinkPage> page) {
  HttpAnswer answer;
  answer.headers.push_back({"Content-Type", "text/html; charset=utf-8"});
  answer.headers.push_back({"Content-Security-Policy", page->policy});
  answer.body = page->html;
  co_return answer;
}

}  // namespace

std::vector<Route> link_routes() {
  const auto page = make_page();
  std::vector<Route> routes;
  struct Link {
    std::string_view path, operation;
  };
  for (const auto& [path, operation] :
       {Link{"/verify-email", "getVerifyEmailPage"}, Link{"/reset-password", "getResetPasswordPage"},
        Link{"/restore-email", "getRestoreEmailPage"}}) {
    Route route;
    route.spec = RouteSpec{.method = "GET",
                           .path = path,
                           .access = Access::open,
                           .operation = operation,
                           .summary = "Where a link in a mail leads",
                           .base = Base::root};
    route.answers = {{.status = 200, .meaning = "A page", .media_type = "text/html"}};
    route.call = [page](Call, RouteInput) { return serve_page(page); };
    routes.push_back(std::move(route));
  }
  return routes;
}

}  // namespace relay
