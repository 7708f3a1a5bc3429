// The bytes around a body's pieces: chunks of RFC 9112 7.1, or nothing.
#pragma once

#include "simulate/shape.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace relay::simulate {

class BodyFramer {
 public:
  /// `rechunk`: bytes of each chunk, wherever pieces begin; 0: a chunk is a piece.
  BodyFramer(bool chunked, std::size_t rechunk) : chunked_(chunked), rechunk_(rechunk) {}

  void append(std::string& out, std::string_view piece);
  /// A piece that breaks off after `bytes`: the chunk's size promises all of it.
  void append_cut(std::string& out, std::string_view piece, std::size_t bytes);
  void finish(std::string& out);
  bool chunked() const { return chunked_; }

 private:
  const bool chunked_;
  const std::size_t rechunk_;
  std::string waiting_;  // less than a chunk
};

}  // namespace relay::simulate
