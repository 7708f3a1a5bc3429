#include "api/openapi.h"

#include "api/client_api_under_test.h"
#include "api/field_notes.h"
#include "api/route_errors.h"

#include <set>

namespace relay {
namespace openapi_test {

namespace json = boost::json;

class OpenApiTest : public testing::Test, protected test::ClientApiUnderTest {
 protected:
  test::Answer document = get("/openapi.json");

  template <class See>
  void each_operation(See&& see) {
    for (const auto& [path, item] : document.body.at("paths").as_object()) {
      for (const auto& [method, operation] : item.as_object()) see(path, operation.as_object());
    }
  }
};

TEST_F(OpenApiTest, ListsEveryRouteAndEveryRelayedCall) {
  std::set<std::string> operations;
  each_operation([&](auto, const json::object& operation) {
    operations.emplace(operation.at("operationId").as_string());
  });
  for (const auto& route : router.routes())
    EXPECT_TRUE(operations.contains(std::string(route.spec.operation)));
  EXPECT_TRUE(operations.contains("createMessage"));
  EXPECT_EQ(operations.size(), router.routes().size() + relayed_calls().size());
  EXPECT_EQ(document.at("/openapi"), "3.1.0");
  EXPECT_EQ(document.at("/paths/~1v1~1messages/post/x-aliases/0"), "/api/v1/messages");
}

TEST_F(OpenApiTest, DescribesParametersBodiesAndAnswers) {
  const std::string key = "/paths/~1api~1client~1keys~1{id}";
  EXPECT_EQ(document.at(key + "/put/operationId"), "updateKey");
  EXPECT_EQ(document.at(key + "/put/tags/0"), "Keys");
  EXPECT_EQ(document.at(key + "/put/parameters/0/name"), "id");
  EXPECT_EQ(document.at(key + "/put/requestBody/content/application~1json/schema/$ref"),
            "#/components/schemas/KeyFields");
  EXPECT_EQ(document.at(key + "/put/requestBody/content/application~1json/example/name"), "laptop");
  const std::string made = "/paths/~1api~1client~1keys/post/requestBody/";
  EXPECT_EQ(document.at(made + "required"), "true");
  EXPECT_EQ(document.at(made + "content/application~1json/schema/allOf/0/$ref"),
            "#/components/schemas/KeyFields");
  EXPECT_EQ(document.at(made + "content/application~1json/schema/required"), R"(["name"])");
  EXPECT_EQ(document.at("/components/schemas/KeyFields/properties/name/maxLength"), "100");
  EXPECT_EQ(document.at("/components/schemas/KeyFields/properties/rateLimit/anyOf/0/$ref"),
            "#/components/schemas/RateLimitFields");
  const std::string created =
      "/paths/~1api~1client~1keys/post/responses/201/content/application~1json/schema/";
  EXPECT_EQ(document.at(created + "properties/data/$ref"), "#/components/schemas/NewKey");
  EXPECT_EQ(document.at(created + "properties/key/type"), "string");
  EXPECT_EQ(document.at("/paths/~1api~1client~1keys/get/parameters/0/schema/maximum"), "200");
  EXPECT_EQ(document.at("/paths/~1api~1client~1keys/get/parameters/0/schema/type"), "integer");
}

TEST_F(OpenApiTest, StatesErrorsWithTheirCodes) {
  const std::string login = "/paths/~1api~1client~1auth~1login/post";
  EXPECT_EQ(document.at(login + "/security"), "[]");
  EXPECT_EQ(document.at(login + "/responses/401/description"), "Unauthorized");
  EXPECT_EQ(
      document.at(login + "/responses/401/content/application~1json/schema/allOf/1/properties/code/enum"),
      R"(["invalid_credentials"])");
  EXPECT_EQ(document.at(login + "/responses/400/description"), "ValidationError, SecurityError");
  EXPECT_EQ(document.at(login + "/responses/429/$ref"), "#/components/responses/TooManyRequests");
  EXPECT_EQ(document.at("/components/responses/TooManyRequests/headers/Retry-After/$ref"),
            "#/components/headers/Retry-After");
  EXPECT_EQ(document.at("/paths/~1api~1client~1keys/get/responses/401/$ref"),
            "#/components/responses/Unauthorized");
  EXPECT_EQ(document.at("/paths/~1v1~1messages/post/responses/529/content/application~1json/schema/$ref"),
            "#/components/schemas/AnthropicError");
  EXPECT_EQ(document.at("/paths/~1v1~1responses/post/responses/503/content/application~1json/schema/$ref"),
            "#/components/schemas/OpenAIError");
}

// A field that nobody has described is of little use to a reader: say what it is in api/field_note_table.cpp.
TEST_F(OpenApiTest, DescribesEveryField) {
  for (const auto& [title, schema] : document.body.at("components").at("schemas").as_object()) {
    if (title == "AnthropicError" || title == "OpenAIError") continue;  // described by the providers
    for (const auto& [name, field] : schema.at("properties").as_object()) {
      EXPECT_TRUE(field.as_object().contains("description"))
          << std::string(title) << "." << std::string(name);
    }
  }
  each_operation([&](auto path, const json::object& operation) {
    const auto* parameters = operation.if_contains("parameters");
    if (parameters == nullptr) return;
    for (const auto& parameter : parameters->as_array()) {
      EXPECT_TRUE(parameter.as_object().contains("description"))
          << std::string(path) << " " << json::serialize(parameter.at("name"));
    }
  });
}

TEST_F(OpenApiTest, HasNoNoteTwice) {
  std::set<std::string_view> fields;
  for (const auto& note : field_notes()) EXPECT_TRUE(fields.insert(note.field).second) << note.field;
}

TEST_F(OpenApiTest, TellsWhatARouteDoesNotState) {
  Route route;
  route.spec = {.method = "GET",
                .path = "/x/{id}",
                .access = Access::bearer,
                .errors = {{ErrorKind::not_found, {"key_unknown"}}, ErrorKind::conflict}};
  const auto is_stated = [&](ErrorKind kind, std::string_view code) {
    return states(route, Error(kind, code, ""));
  };
  EXPECT_TRUE(is_stated(ErrorKind::not_found, "key_unknown"));
  EXPECT_FALSE(is_stated(ErrorKind::not_found, "user_unknown"));
  EXPECT_TRUE(is_stated(ErrorKind::conflict, "whatever"));
  EXPECT_TRUE(is_stated(ErrorKind::validation, "invalid_request")) << "of the path";
  EXPECT_TRUE(is_stated(ErrorKind::token_expired, "token_expired"));
  EXPECT_FALSE(is_stated(ErrorKind::too_many_requests, "too_many_attempts"));
  EXPECT_TRUE(is_stated(ErrorKind::internal, "anything"));
}

TEST_F(OpenApiTest, RefusesTwoThingsOfOneName) {
  Route route;
  route.spec = {.method = "GET", .path = "/x", .operation = "same"};
  EXPECT_THROW(openapi_document({route, route}, {}, "1"), std::logic_error);
  OpenApiComponents components;
  const json::object one{
      {"type", "object"}, {"title", "T"}, {"properties", json::object{{"a", {{"type", "string"}}}}}};
  const json::object other{{"type", "object"}, {"title", "T"}, {"properties", json::object()}};
  components.take(one);
  components.take(one);
  EXPECT_THROW(components.take(other), std::logic_error);
}

TEST_F(OpenApiTest, ServesAPageThatAllowsNothingInline) {
  const auto page = get("/docs");
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(page.header("Content-Security-Policy").find("script-src 'self'"), std::string::npos);
  EXPECT_EQ(page.text.find("http"), std::string::npos) << "nothing from elsewhere";
  EXPECT_EQ(get("/docs/docs.js").header("Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(get("/docs/docs.css").status, 200);
}

}  // namespace openapi_test
}  // namespace relay
