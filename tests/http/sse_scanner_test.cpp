#include "http/sse_scanner.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace relay {
namespace sse_scanner_test {

using Events = std::vector<std::pair<std::string, std::string>>;

Events scan(std::string_view stream, std::size_t piece_bytes, std::size_t limit = kSseEventBytesMax,
            std::uint64_t* skipped = nullptr) {
  SseScanner scanner(limit);
  Events events;
  for (std::size_t at = 0; at < stream.size(); at += piece_bytes) {
    // A copy of its own that is gone afterwards: a view kept past its piece is found by ASan.
    const std::string piece(stream.substr(at, piece_bytes));
    scanner.feed(piece,
                 [&](std::string_view name, std::string_view data) { events.emplace_back(name, data); });
  }
  if (skipped != nullptr) *skipped = scanner.skipped_events();
  return events;
}

Events scan_every_way(std::string_view stream) {
  const auto whole = scan(stream, stream.size());
  for (std::size_t piece = 1; piece < stream.size(); ++piece) EXPECT_EQ(scan(stream, piece), whole) << piece;
  return whole;
}

TEST(SseScanner, FindsEventsInEverySplitting) {
  const Events expected{{"message_start", R"({"a":1})"}, {"ping", "{}"}, {"", "[DONE]"}};
  EXPECT_EQ(
      scan_every_way("event: message_start\ndata: {\"a\":1}\n\nevent: ping\ndata: {}\n\ndata: [DONE]\n\n"),
      expected);
}

TEST(SseScanner, TakesEveryLineEnd) {
  const Events expected{{"a", "1"}, {"b", "2"}};
  EXPECT_EQ(scan_every_way("event: a\ndata: 1\n\nevent: b\ndata: 2\n\n"), expected);
  EXPECT_EQ(scan_every_way("event: a\r\ndata: 1\r\n\r\nevent: b\r\ndata: 2\r\n\r\n"), expected);
  EXPECT_EQ(scan_every_way("event: a\rdata: 1\r\revent: b\rdata: 2\r\r"), expected);
  EXPECT_EQ(scan_every_way("event: a\r\ndata: 1\n\revent: b\rdata: 2\r\n\n"), expected);
}

TEST(SseScanner, PassesOverCommentsMarksAndOtherFields) {
  const Events expected{{"a", "1"}};
  EXPECT_EQ(scan_every_way("\xEF\xBB\xBF: hello\n\n: keep-alive\n\nid: 7\nretry: 10\nevent: a\ndata: 1\n\n"),
            expected);
  EXPECT_EQ(scan_every_way("\xEF\xBB\xBF\n\ndatax: no\neventful: no\nevent:a\ndata:1\n\n"), expected);
  EXPECT_EQ(scan_every_way("event: a\n\xEF\xBB\xBF"
                           "data: not data\ndata: 1\n\n"),
            expected);
}

TEST(SseScanner, JoinsDataLinesAndStripsOneSpace) {
  const Events expected{{"", " one\ntwo\n"}, {"", ""}, {"z", "3"}};
  EXPECT_EQ(scan_every_way("data:  one\ndata:two\ndata\n\ndata\n\nevent: y\nevent: z\ndata: 3\n\n"),
            expected);
}

TEST(SseScanner, AnEventWithoutDataIsNone) {
  const Events expected{{"", "1"}};
  EXPECT_EQ(scan_every_way("event: lost\n\n\n\ndata: 1\n\nevent: cut\ndata: never ends\n"), expected);
}

TEST(SseScanner, TheNameMayStandBehindTheData) {
  const Events expected{{"late", "1"}};
  EXPECT_EQ(scan_every_way("data: 1\nevent: late\n\n"), expected);
}

TEST(SseScanner, LeavesOutAndCountsWhatIsTooLong) {
  const std::string stream = "event: big\ndata: " + std::string(100, 'x') +
                             "\n\nevent: ok\ndata: 1\n\ndata: " + std::string(30, 'y') +
                             "\ndata: " + std::string(30, 'z') + "\n\ndata: 2\n\n";
  const Events expected{{"ok", "1"}, {"", "2"}};
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    std::uint64_t skipped = 0;
    EXPECT_EQ(scan(stream, piece, 64, &skipped), expected) << piece;
    EXPECT_EQ(skipped, 2U) << piece;
  }
}

TEST(SseScanner, AnEventInsideOnePieceIsNotCopied) {
  const std::string piece = "event: a\ndata: 123\n\n";
  SseScanner scanner;
  int events = 0;
  scanner.feed(piece, [&](std::string_view name, std::string_view data) {
    ++events;
    EXPECT_EQ(name.data(), piece.data() + 7);
    EXPECT_EQ(data.data(), piece.data() + 15);
  });
  EXPECT_EQ(events, 1);
}

TEST(SseScanner, TellsWhetherAnEventIsOpen) {
  SseScanner scanner;
  const auto nothing = [](std::string_view, std::string_view) {};
  EXPECT_TRUE(scanner.between_events());
  scanner.feed("event: a\nda", nothing);
  EXPECT_FALSE(scanner.between_events());
  scanner.feed("ta: 1\n", nothing);
  EXPECT_FALSE(scanner.between_events());
  scanner.feed("\n", nothing);
  EXPECT_TRUE(scanner.between_events());
}

TEST(SseScanner, MayBeMovedInTheMiddleOfAnEvent) {
  SseScanner first;
  const auto nothing = [](std::string_view, std::string_view) {};
  first.feed("event: a\ndata: 1\nda", nothing);
  SseScanner second = std::move(first);
  Events events;
  second.feed("ta: 2\n\n",
              [&](std::string_view name, std::string_view data) { events.emplace_back(name, data); });
  EXPECT_EQ(events, (Events{{"a", "1\n2"}}));
}

}  // namespace sse_scanner_test
}  // namespace relay
