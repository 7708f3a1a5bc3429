#include "api/client_api_under_test.h"

namespace relay {
namespace malformed_input_test {

/// Every operation with every kind of nonsense: an answer that is the caller's fault, never ours.
class MalformedInputTest : public testing::Test, protected test::ClientApiUnderTest {
 protected:
  static std::vector<std::string> bodies_for(const Route& route) {
    std::vector<std::string> bodies{"",
                                    "{}",
                                    "[]",
                                    "null",
                                    "7",
                                    "{",
                                    "\"\xFF\"",
                                    "{\"a\":\"\\ud800\"}",
                                    std::string(600, '[') + std::string(600, ']')};
    if (route.body == nullptr) return bodies;
    const auto schema = route.body();
    for (const auto& [name, field] : schema.at("properties").as_object()) {
      const std::string start = "{\"" + std::string(name) + "\":";
      for (const std::string& value :
           {std::string("7"), std::string("-1"), std::string("1e400"), std::string("99999999999999999999"),
            std::string("true"), std::string("[]"), std::string("[[]]"), std::string("[null]"),
            std::string("{}"), std::string("\"\""), std::string("\"x\""), std::string("\"a\\u0000b\""),
            std::string("\"\xC3\""), "\"" + std::string(20'000, 'x') + "\"",
            std::string("1,\"") + std::string(name) + "\":2"}) {
        bodies.push_back(start + value + "}");
      }
    }
    return bodies;
  }

  static std::string filled_in(const Route& route, const std::string& value) {
    std::string path(route.spec.path);
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{')) {
      path.replace(open, path.find('}') - open + 1, value);
    }
    return (route.spec.base == Base::client_api ? "/api/client" : "") + path;
  }

  /// As a new session at a later minute: logout is among the operations, and throttles would stop the rest.
  void expect_no_fault(const Route& route, const std::string& target, const std::string& body = "") {
    clock.advance(std::chrono::minutes(5));
    const auto tokens = test::await(sessions.open(user_, here())).value();
    const auto answer = send(request(std::string(route.spec.method), target, body, tokens.access_token));
    EXPECT_GE(answer.status, 200);
    EXPECT_LT(answer.status, 500) << route.spec.method << " " << target << " " << body.substr(0, 200) << "\n"
                                  << answer.text;
    EXPECT_NE(answer.status, 429) << "the throttle answered, not the operation";
  }

  User user_ = ServicesUnderTest::a_user("ada").user;
};

TEST_F(MalformedInputTest, IsNeverAFaultOfOurs) {
  for (const auto& route : router.routes()) {
    for (const auto& body : bodies_for(route)) expect_no_fault(route, filled_in(route, "key_1"), body);
  }
}

TEST_F(MalformedInputTest, InPathsAndQueriesIsNeverAFaultOfOurs) {
  for (const auto& route : router.routes()) {
    for (const char* nonsense : {"%00", "%FF", "%zz", "..", "%2F", "'%20OR%201=1", "\xFF"}) {
      expect_no_fault(route, filled_in(route, nonsense));
      if (route.query == nullptr) continue;
      const auto query = route.query();
      for (const auto& [name, field] : query.at("properties").as_object()) {
        expect_no_fault(route, filled_in(route, "key_1") + "?" + std::string(name) + "=" + nonsense);
      }
    }
  }
}

}  // namespace malformed_input_test
}  // namespace relay
