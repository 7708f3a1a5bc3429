#include "relay/usage_withholder.h"

#include <gtest/gtest.h>

namespace relay {
namespace usage_withholder_test {

const std::string kRole = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}],\"usage\":null}\n\n";
const std::string kComment = ": keep-alive\n\n";
const std::string kUsage = "data: {\"id\":\"c\",\"choices\": [ ],\"usage\":{\"prompt_tokens\":3}}\n\n";
const std::string kFiltered = "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n";
const std::string kLastWithUsage = "data: {\"choices\":[{\"delta\":{}}],\"usage\":{\"prompt_tokens\":3}}\n\n";
const std::string kDone = "data: [DONE]\n\n";

std::string passed(std::string stream, std::size_t size) {
  JsonIndex json;
  UsageWithholder withholder(json);
  std::string out;
  for (std::size_t at = 0; at < stream.size(); at += size) withholder.feed(stream.substr(at, size), out);
  withholder.end(out);
  return out;
}

TEST(UsageWithholder, TakesOutThatChunkAloneInAnyPieces) {
  const auto stream = kRole + kComment + kFiltered + kUsage + kLastWithUsage + kDone;
  const auto wanted = kRole + kComment + kFiltered + kLastWithUsage + kDone;
  for (const std::size_t size : {1U, 2U, 3U, 50U, 10'000U}) EXPECT_EQ(passed(stream, size), wanted) << size;
}

TEST(UsageWithholder, KnowsCrLf) {
  std::string stream = kRole + kUsage + kDone, wanted = kRole + kDone;
  for (auto* text : {&stream, &wanted}) {
    for (std::size_t at = 0; (at = text->find('\n', at)) != std::string::npos; at += 2)
      text->replace(at, 1, "\r\n");
  }
  for (const std::size_t size : {1U, 4U, 10'000U}) EXPECT_EQ(passed(stream, size), wanted) << size;
}

TEST(UsageWithholder, HoldsNoWholeEventBack) {
  JsonIndex json;
  UsageWithholder withholder(json);
  std::string out;
  withholder.feed(kRole + "data: {\"cho", out);
  EXPECT_EQ(out, kRole);
}

TEST(UsageWithholder, PassesWhatTheStreamEndsInTheMiddleOfAndEventsWithoutEnd) {
  EXPECT_EQ(passed(kRole + "data: {\"cho", 7), kRole + "data: {\"cho");
  const std::string endless(3'000'000, 'x');
  JsonIndex json;
  UsageWithholder withholder(json);
  std::string out;
  for (std::size_t at = 0; at < endless.size(); at += 100'000)
    withholder.feed(endless.substr(at, 100'000), out);
  EXPECT_GE(out.size(), 2'000'000U) << "no more than a megabyte is kept";
}

}  // namespace usage_withholder_test
}  // namespace relay
