// A gzip body that can be read as far as it has come (RFC 1952).
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace relay::simulate {

class GzipStream {
 public:
  GzipStream();
  ~GzipStream();
  GzipStream(GzipStream&&) noexcept;
  GzipStream& operator=(GzipStream&&) noexcept;

  /// Replaces `piece` by its packed form, flushed; with the trailer when it is the last one.
  void pack(std::string& piece, bool last);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace relay::simulate
