// What the tests of the Responses translations share: streams fed and frames read.
#pragma once

#include "fakes/fixed_clock.h"
#include "http/sse_scanner.h"
#include "translate/responses_over_messages.h"
#include "translate/translation.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace relay::test {

inline std::unique_ptr<Translation> make_translation(bool client_speaks_responses) {
  if (!client_speaks_responses) return messages_over_responses();
  return responses_over_messages(FixedClock());
}

inline boost::json::value json_of(std::string_view text) {
  boost::system::error_code ec;
  auto value = boost::json::parse({text.data(), text.size()}, ec);
  EXPECT_FALSE(ec) << text;
  return value;
}

/// Members in any order.
inline void expect_json(std::string_view is, std::string_view should) {
  EXPECT_EQ(json_of(is), json_of(should));
}

struct Frame {
  std::string name;
  std::string data;
};

inline std::vector<Frame> frames_of(std::string_view stream) {
  std::vector<Frame> frames;
  SseScanner scanner;
  scanner.feed(stream, [&](std::string_view name, std::string_view data) {
    frames.push_back({std::string(name), std::string(data)});
  });
  EXPECT_TRUE(scanner.between_events()) << "frames are whole";
  return frames;
}

/// The stream for the client, of an upstream's stream in pieces of `bytes`. Every frame is whole when it is
/// given.
inline std::string translated(Translation& translation, std::string_view upstream, std::size_t bytes) {
  std::string out;
  SseScanner scanner;
  while (!upstream.empty()) {
    const auto piece = upstream.substr(0, bytes);
    scanner.feed(piece,
                 [&](std::string_view name, std::string_view data) { translation.event(name, data, out); });
    EXPECT_TRUE(out.empty() || out.ends_with("\n\n"));
    upstream.remove_prefix(piece.size());
  }
  translation.end(out);
  return out;
}

inline void expect_frames(std::string_view is, std::string_view should) {
  const auto got = frames_of(is);
  const auto wanted = frames_of(should);
  for (std::size_t i = 0; i < std::min(got.size(), wanted.size()); ++i) {
    EXPECT_EQ(got[i].name, wanted[i].name) << i;
    EXPECT_EQ(json_of(got[i].data), json_of(wanted[i].data)) << i;
  }
  EXPECT_EQ(got.size(), wanted.size());
}

/// The response that the last event of a Responses stream carries.
inline boost::json::value response_at_the_end(std::string_view stream) {
  const auto frames = frames_of(stream);
  if (frames.empty()) return nullptr;
  const auto event = json_of(frames.back().data);
  return event.at("response");
}

/// The message that a client makes of a Messages stream.
inline boost::json::value message_of(std::string_view stream) {
  namespace json = boost::json;
  json::object message;
  std::string arguments;
  for (const auto& frame : frames_of(stream)) {
    const auto event = json_of(frame.data);
    if (frame.name == "message_start") message = event.at("message").as_object();
    if (frame.name == "content_block_start") {
      auto& content = message["content"].as_array();
      EXPECT_EQ(event.at("index").as_int64(), static_cast<std::int64_t>(content.size()));
      content.push_back(event.at("content_block"));
      arguments.clear();
    }
    if (frame.name == "content_block_delta") {
      auto& block = message["content"].as_array().back().as_object();
      for (const auto& [name, piece] : event.at("delta").as_object()) {
        if (name == "type") continue;
        if (name == "partial_json") {
          arguments += piece.as_string().c_str();
        } else {
          block[name] = std::string(block[name].as_string()) + std::string(piece.as_string());
        }
      }
    }
    if (frame.name == "content_block_stop") {
      auto& block = message["content"].as_array().back().as_object();
      if (block["type"] == "tool_use" && !arguments.empty()) block["input"] = json_of(arguments);
    }
    if (frame.name == "message_delta") {
      for (const auto& [name, value] : event.at("delta").as_object()) message[name] = value;
      for (const auto& [name, value] : event.at("usage").as_object())
        message["usage"].as_object()[name] = value;
    }
  }
  return message;
}

}  // namespace relay::test
