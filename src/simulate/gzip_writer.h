// Gzip with a flush behind each piece, as a server compresses a stream.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace relay::simulate {

class GzipWriter {
 public:
  GzipWriter();
  ~GzipWriter();
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;

  /// Appends `piece`, so that a reader has all of it.
  void append(std::string& out, std::string_view piece);
  /// Appends the trailer. Nothing may follow.
  void finish(std::string& out);

 private:
  void run(std::string& out, std::string_view piece, int flush);
  std::unique_ptr<z_stream_s> stream_;
};

}  // namespace relay::simulate
