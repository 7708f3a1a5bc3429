#include "metering/price_changes.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace relay {
namespace price_file_test {

std::string golden(const std::string& name) {
  std::ifstream file(std::filesystem::path(__FILE__).parent_path() / "golden" / name);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string words_of(const std::vector<ModelPrice>& lines) {
  std::string words;
  for (const auto& line : lines) {
    words += line.model + " " + line.tier + " " + std::to_string(line.context_over);
    const auto& rates = line.rates;
    for (const auto price :
         {rates.input, rates.cache_write_5m, rates.cache_write_1h, rates.cache_read, rates.output}) {
      words += " " + to_token_price(price);
    }
    words += " " + to_thousand_price(line.web_search_request) + "\n";
  }
  return words;
}

std::string words_of(const std::vector<PriceDoubt>& doubts) {
  std::string words;
  for (const auto& doubt : doubts) words += doubt.model + ": " + doubt.words + "\n";
  return words;
}

PriceFile golden_file() { return read_price_file(golden("prices.json"), false).value(); }

constexpr WallTime kNow{std::chrono::milliseconds(1'790'000'000'000)};

std::vector<ModelPrice> in_table(std::vector<ModelPrice> table, const PriceChanges& changes) {
  table.insert(table.end(), changes.lines.begin(), changes.lines.end());
  return table;
}

TEST(PriceFile, IsReadToThePicoDollar) {
  const auto file = golden_file();
  EXPECT_EQ(words_of(file.lines), golden("prices.txt"));
  EXPECT_EQ(file.models, 7U);
  EXPECT_EQ(file.left_out, 6U);
  EXPECT_EQ(words_of(file.doubts),
            "claude-no-hour: has no price of writing to a cache for an hour: twice the input's is taken\n");
  for (const auto& line : file.lines) {
    EXPECT_EQ(line.provider, line.model.starts_with("claude") ? "anthropic" : "openai") << line.model;
  }
}

TEST(PriceFile, HasSoundImagesAndReasoningOfTheirOwn) {
  const auto file = read_price_file(R"({"gpt-sound": {"litellm_provider":"openai","mode":"chat",
    "input_cost_per_token":2.5e-06,"output_cost_per_token":1e-05,"cache_read_input_token_cost":1.25e-06,
    "input_cost_per_audio_token":4e-05,"output_cost_per_audio_token":8e-05,
    "cache_read_input_audio_token_cost":2.5e-06,"input_cost_per_image_token":5e-06,
    "output_cost_per_image_token":4e-05,"output_cost_per_reasoning_token":3e-05,
    "input_cost_per_audio_token_batches":2e-05,"input_cost_per_token_batches":1.25e-06,
    "input_cost_per_image":0.04,"input_cost_per_audio_per_second":1}})",
                                    false)
                        .value();
  ASSERT_EQ(file.lines.size(), 2U);
  const auto& batch = file.lines[0].rates;
  EXPECT_EQ(file.lines[0].tier, "batch");
  EXPECT_EQ(batch.audio_input, 20'000'000);
  EXPECT_EQ(batch.audio_output, 40'000'000) << "in proportion";
  EXPECT_EQ(batch.reasoning, 15'000'000);
  EXPECT_EQ(file.lines[1].rates,
            (TokenRates{2'500'000, 2'500'000, 2'500'000, 1'250'000, 10'000'000, 40'000'000, 2'500'000,
                        80'000'000, 5'000'000, 40'000'000, 30'000'000}));
  EXPECT_EQ(words_of(changes_of(file, {}, kNow).doubts), "");
}

TEST(PriceChanges, DoubtSoundThatIsCheaperThanText) {
  const auto file =
      read_price_file(R"({"gpt-sound": {"litellm_provider":"openai","input_cost_per_token":2e-06,
    "output_cost_per_token":8e-06,"input_cost_per_audio_token":1e-06,"output_cost_per_reasoning_token":8e-05}})",
                      false)
          .value();
  EXPECT_EQ(words_of(changes_of(file, {}, kNow).doubts),
            "gpt-sound: standard: audio input costs 1.00 where input costs 2.00\n");
}

TEST(PriceFile, HasClaudeOfResellersOnlyWhenAsked) {
  const auto file = read_price_file(golden("prices.json"), true).value();
  EXPECT_EQ(file.lines.front().model, "anthropic.claude-gold-1-v1:0");
  EXPECT_EQ(file.lines.front().provider, "anthropic");
}

TEST(PriceFile, IsRefusedWhenItIsNone) {
  for (const auto* wrong : {"", "[]", "{", "{}", "null", R"({"sample_spec":{}})", R"({"gpt-x":3})",
                            R"({"gpt-x":{"litellm_provider":"openai","input_cost_per_token":"3e-06"}})",
                            R"({"gpt-x":{"litellm_provider":"openai","input_cost_per_token":-3e-06}})",
                            R"({"gpt-x":{"litellm_provider":"openai","input_cost_per_token":1e300}})"}) {
    const auto refused = read_price_file(wrong, false);
    ASSERT_TRUE(refused.has_error()) << wrong;
    EXPECT_EQ(refused.error().code(), "price_file_invalid");
  }
  EXPECT_TRUE(read_price_file(std::string(kPriceFileBytesMax + 1, ' '), false).has_error());
}

TEST(PriceChanges, FlagWhatTheFileIsKnownToHaveWrong) {
  const auto changes = changes_of(golden_file(), {}, kNow);
  EXPECT_EQ(changes.changes.size(), 18U);
  EXPECT_EQ(
      words_of(changes.doubts),
      "claude-3-haiku-wrong: batch: writing to a cache for an hour costs 3.00 where input costs 0.125\n"
      "claude-3-haiku-wrong: standard: writing to a cache for an hour costs 6.00 where input costs 0.25\n"
      "claude-no-hour: has no price of writing to a cache for an hour: twice the input's is taken\n"
      "free-gpt: standard: is free\n"
      "gpt-nano-wrong: priority: input costs 2.50, the plain line's 0.05\n"
      "gpt-nano-wrong: priority: output costs 20.00, the plain line's 0.40\n");
  const auto rest = without_doubtful(changes);
  EXPECT_TRUE(rest.doubts.empty());
  EXPECT_EQ(rest.changes.size(), 11U);
  EXPECT_EQ(rest.lines.size(), 11U);
}

TEST(PriceChanges, AreNoneTheSecondTime) {
  const auto file = golden_file();
  const auto first = changes_of(file, {}, kNow);
  for (const auto& line : first.lines) EXPECT_EQ(line.effective_from, kNow);
  const auto second = changes_of(file, in_table({}, first), kNow + std::chrono::hours(1));
  EXPECT_TRUE(second.changes.empty());
  EXPECT_TRUE(second.lines.empty());
  EXPECT_TRUE(second.doubts.empty()) << "what somebody has taken is not asked again";
}

TEST(PriceChanges, LeaveAPatternThatSaysTheSame) {
  auto file = golden_file();
  std::erase_if(file.lines, [](const ModelPrice& line) { return line.model != "claude-gold-1"; });
  auto table = file.lines;
  for (auto& line : table) line.model = "claude-gold-*";
  EXPECT_TRUE(changes_of(file, table, kNow).lines.empty());

  // One price differs, and the pattern has a tier that the file has not: the exact name must have all of
  // them.
  table[0].rates.output *= 3;
  ModelPrice flex = table[0];
  flex.tier = "flex";
  table.push_back(flex);
  const auto changes = changes_of(file, table, kNow);
  ASSERT_EQ(changes.changes.size(), 1U);
  EXPECT_EQ(changes.changes[0].before->rates.output, 22'500'000);
  EXPECT_EQ(changes.lines.size(), 5U);
  EXPECT_EQ(words_of(changes.doubts), "claude-gold-1: batch: output costs 7.50, the one in force 22.50\n");
  const PriceTable after(in_table(table, changes));
  const auto* found = after.find("claude-gold-1", "flex", 0, kNow);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->tier, "flex");
  EXPECT_EQ(found->model, "claude-gold-1");
  EXPECT_TRUE(changes_of(file, in_table(table, changes), kNow + std::chrono::seconds(1)).lines.empty());
}

TEST(PriceChanges, KeepWhatATableSaysOfSearches) {
  auto file = golden_file();
  std::erase_if(file.lines, [](const ModelPrice& line) { return line.model != "claude-gold-1"; });
  auto table = file.lines;
  for (auto& line : table) line.web_search_request = 5;
  EXPECT_TRUE(changes_of(file, table, kNow).lines.empty());
}

}  // namespace price_file_test
}  // namespace relay
