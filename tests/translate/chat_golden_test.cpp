// Every file of golden/ is one translation, written by hand: what one side says and what the other must get.
#include "fakes/fixed_clock.h"
#include "http/sse_scanner.h"
#include "json/json_index.h"
#include "translate/chat_over_messages.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace relay {
namespace chat_golden_test {

namespace fs = std::filesystem;

struct Pair {
  std::string name;
  std::unique_ptr<Translation> (*make)();
};

std::unique_ptr<Translation> chat_over_messages_at_a_fixed_time() {
  static const test::FixedClock clock;
  return chat_over_messages(clock);
}

const std::vector<Pair> kPairs{{"chat_over_messages", chat_over_messages_at_a_fixed_time},
                               {"messages_over_chat", [] { return messages_over_chat(); }}};

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The golden files of a pair whose names end so.
std::vector<fs::path> files_of(const Pair& pair, std::string_view end) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(fs::path(__FILE__).parent_path() / "golden" / pair.name)) {
    if (entry.path().filename().string().ends_with(end)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  EXPECT_FALSE(found.empty()) << end;
  return found;
}

/// The document, and its members as they are spelled: 0.70 must not reach the translation as 0.7.
class Document {
 public:
  explicit Document(const fs::path& path) : text_(text_of(path)) {
    EXPECT_EQ(index_.read(text_), JsonFault::none) << path;
  }
  JsonValue root() const { return index_.root(); }
  std::string raw(std::string_view name) const { return std::string(root().find(name).raw()); }
  std::string string(std::string_view name) const {
    std::string scratch;
    return std::string(root().find(name).string(scratch).value_or(""));
  }

 private:
  std::string text_;
  JsonIndex index_;
};

std::string normal(std::string_view json) {
  boost::system::error_code ec;
  const auto value = boost::json::parse(json, ec);
  EXPECT_FALSE(ec) << json;
  return boost::json::serialize(value);
}

void expect_same_json(std::string_view expected, std::string_view got) {
  const auto as_expected = boost::json::parse(expected);
  boost::system::error_code ec;
  const auto as_got = boost::json::parse(got, ec);
  ASSERT_FALSE(ec) << got;
  EXPECT_EQ(as_expected, as_got) << "expected: " << normal(expected) << "\n     got: " << normal(got);
}

TEST(ChatGolden, Requests) {
  for (const auto& pair : kPairs) {
    for (const auto& path : files_of(pair, ".request.json")) {
      SCOPED_TRACE(path.string());
      const Document golden(path);
      auto translated = pair.make()->request(golden.raw("client"), golden.string("model"));
      ASSERT_TRUE(translated.has_value()) << translated.error().message();
      expect_same_json(golden.raw("upstream"), *translated);
    }
  }
}

TEST(ChatGolden, Answers) {
  for (const auto& pair : kPairs) {
    for (const auto& path : files_of(pair, ".answer.json")) {
      SCOPED_TRACE(path.string());
      const Document golden(path);
      const auto translation = pair.make();
      ASSERT_TRUE(translation->request(golden.raw("request"), "m").has_value());
      auto translated = translation->answer(golden.raw("upstream"));
      ASSERT_TRUE(translated.has_value()) << translated.error().cause();
      expect_same_json(golden.raw("client"), *translated);
    }
  }
}

TEST(ChatGolden, Errors) {
  for (const auto& pair : kPairs) {
    for (const auto& path : files_of(pair, ".errors.json")) {
      const Document golden(path);
      golden.root().each_element([&](JsonValue one) {
        SCOPED_TRACE(one.raw());
        std::string scratch;
        const auto text = one.find("upstream_text").string(scratch);
        const auto body = text ? *text : one.find("upstream").raw();
        const auto status = static_cast<int>(one.find("status").integer().value_or(0));
        expect_same_json(one.find("client").raw(), pair.make()->error(status, body));
      });
    }
  }
}

/// A stream as it is told: "? " the client's request, "< " a line of the upstream's ("< (end)" its end), "> "
/// a line that the client gets for it.
struct Turn {
  std::string from_upstream = {};
  std::string to_client = {};
  bool is_end = false;
};

struct Story {
  std::string request;
  std::vector<Turn> turns;
};

Story story_of(const fs::path& path) {
  Story story;
  std::istringstream lines(text_of(path));
  std::string line;
  std::string event_line;
  while (std::getline(lines, line)) {
    const auto rest = line.substr(std::min<std::size_t>(2, line.size()));
    if (line.starts_with("? ")) {
      story.request = rest;
    } else if (line == "< (end)") {
      story.turns.push_back({.is_end = true});
    } else if (line.starts_with("< event:")) {
      event_line = rest + "\n";
    } else if (line.starts_with("< ")) {
      story.turns.push_back({.from_upstream = event_line + rest + "\n\n"});
      event_line.clear();
    } else if (line.starts_with(">")) {
      story.turns.back().to_client += rest + "\n";
    }
  }
  return story;
}

TEST(ChatGolden, StreamsGiveEachEventAtOnce) {
  for (const auto& pair : kPairs) {
    for (const auto& path : files_of(pair, ".stream.txt")) {
      SCOPED_TRACE(path.string());
      const auto story = story_of(path);
      const auto translation = pair.make();
      ASSERT_TRUE(translation->request(story.request, "m").has_value());
      SseScanner scanner;
      for (const auto& turn : story.turns) {
        std::string out;
        scanner.feed(turn.from_upstream, [&](std::string_view name, std::string_view data) {
          translation->event(name, data, out);
        });
        if (turn.is_end) translation->end(out);
        ASSERT_EQ(turn.to_client, out) << turn.from_upstream;
      }
      EXPECT_TRUE(story.turns.back().is_end);
    }
  }
}

TEST(ChatGolden, StreamsAreTheSameForEveryCut) {
  for (const auto& pair : kPairs) {
    for (const auto& path : files_of(pair, ".stream.txt")) {
      SCOPED_TRACE(path.string());
      const auto story = story_of(path);
      std::string whole;
      std::string expected;
      for (const auto& turn : story.turns) {
        whole += turn.from_upstream;
        expected += turn.to_client;
      }
      for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
        const auto translation = pair.make();
        ASSERT_TRUE(translation->request(story.request, "m").has_value());
        SseScanner scanner;
        std::string out;
        for (const auto piece :
             {std::string_view(whole).substr(0, cut), std::string_view(whole).substr(cut)}) {
          scanner.feed(piece, [&](std::string_view name, std::string_view data) {
            translation->event(name, data, out);
          });
        }
        translation->end(out);
        ASSERT_EQ(expected, out) << cut;
      }
    }
  }
}

}  // namespace chat_golden_test
}  // namespace relay
