#include "dialect/object_answer.h"

#include "dialect/file_references.h"

#include <gtest/gtest.h>

namespace relay {
namespace object_answer_test {

TEST(ObjectAnswer, ReadsWhatTheRelayHasToKnow) {
  JsonIndex json;
  const auto batch = read_object_answer(
      R"({"id":"batch_1","status":"completed","output_file_id":"file-2","error_file_id":null,"created_at":1700000000,"completed_at":1700000060})",
      json);
  EXPECT_EQ(batch.id, "batch_1");
  EXPECT_EQ(batch.output_file_id, "file-2");
  EXPECT_EQ(batch.error_file_id, "");
  const auto file =
      read_object_answer(R"({"id":"file_1","purpose":"batch","expires_at":"2026-01-02T03:04:05Z"})", json);
  EXPECT_EQ(file.purpose, "batch");
  EXPECT_EQ(file.expires_at, WallTime(std::chrono::seconds(1'767'323'045)));
  EXPECT_EQ(read_object_answer(R"({"id":"../../etc"})", json).id, "") << "no provider's id";
  EXPECT_EQ(read_object_answer("no JSON", json).id, "");
}

TEST(ObjectAnswer, PutsTheResultsWhereTheCallerFindsThem) {
  JsonIndex json;
  const auto at = [&json](std::string body) {
    return with_results_at("http://relay/v1/messages/batches", std::move(body), json);
  };
  EXPECT_EQ(at(R"({ "results_url" : "https://provider/x" , "id":"b_1","n":1.0})"),
            R"({ "results_url" : "http://relay/v1/messages/batches/b_1/results" , "id":"b_1","n":1.0})");
  EXPECT_EQ(at(R"({"id":"b_1","results_url":null})"), R"({"id":"b_1","results_url":null})");
  EXPECT_EQ(at("no JSON"), "no JSON");
}

using Names = std::vector<std::string>;

Names named_in(std::string_view body) {
  JsonIndex json;
  EXPECT_EQ(json.read(body), JsonFault::none);
  return may_name_files(body) ? files_named_in(json.root(), 100) : Names();
}

TEST(FileReferences, AreFoundWhereverTheyStand) {
  EXPECT_EQ(named_in(R"({"content":[{"type":"document","source":{"type":"file","file_id":"file_1"}}]})"),
            (Names{"file_1"}));
  EXPECT_EQ(named_in(R"({"type":"container_upload","file_id":"file_1"})"), (Names{"file_1"}));
  EXPECT_EQ(
      named_in(R"([{"type":"input_file","file_id":"file-1"},{"type":"input_image","file_id":"file-2"}])"),
      (Names{"file-1", "file-2"}));
  EXPECT_EQ(named_in(R"({"type":"file","file":{"file_id":"file-1"}})"), (Names{"file-1"}));
  EXPECT_EQ(named_in(R"({"container":{"type":"auto","file_ids":["file-1","file-2"]}})"),
            (Names{"file-1", "file-2"}));
  EXPECT_EQ(named_in(R"({"type":"file","\u0066ile_id":"file_1"})"), (Names{"file_1"}));
  EXPECT_EQ(named_in(R"({"type":"file","file_id":"file_1","file_id":"file_2"})"), (Names{"file_1", "file_2"}))
      << "readers differ in which one counts";
}

TEST(FileReferences, OfAToolsOwnAreAmongThem) {
  EXPECT_EQ(named_in(R"({"type":"tool_use","input":{"file_id":"mine"}})"), (Names{"mine"}));
  EXPECT_EQ(named_in(R"({"input_schema":{"properties":{"file_id":{"type":"string"}}}})"), Names());
}

TEST(FileReferences, AreLookedForAtEveryPlace) {
  for (std::size_t before = 0; before < 40; ++before) {
    for (std::size_t behind = 0; behind < 40; ++behind) {
      const auto text = std::string(before, 'x') + R"("file_id":)" + std::string(behind, 'y');
      EXPECT_TRUE(may_name_files(text)) << text;
    }
    EXPECT_TRUE(may_name_files(std::string(before, 'x') + "\\u0066" + "ile"));
  }
  EXPECT_FALSE(
      may_name_files(R"({"user_id":"u_1","tool_use_id":"x_d","text":"\n\u00e9 \u2028 profile id"})"));
}

}  // namespace object_answer_test
}  // namespace relay
