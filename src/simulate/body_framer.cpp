#include "simulate/body_framer.h"

#include <charconv>

namespace relay::simulate {
namespace {

void append_size(std::string& out, std::size_t bytes) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, bytes, 16).ptr;
  out.append(digits, end);
  out.append("\r\n");
}

void append_chunk(std::string& out, std::string_view piece) {
  append_size(out, piece.size());
  out.append(piece);
  out.append("\r\n");
}

}  // namespace

void BodyFramer::append(std::string& out, std::string_view piece) {
  if (piece.empty()) return;  // an empty chunk would be the end
  if (!chunked_) {
    out.append(piece);
  } else if (rechunk_ == 0) {
    append_chunk(out, piece);
  } else {
    waiting_.append(piece);
    std::string_view rest = waiting_;
    for (; rest.size() >= rechunk_; rest.remove_prefix(rechunk_)) append_chunk(out, rest.substr(0, rechunk_));
    waiting_.erase(0, waiting_.size() - rest.size());
  }
}

void BodyFramer::append_cut(std::string& out, std::string_view piece, std::size_t bytes) {
  if (bytes == 0) return;
  if (chunked_ && rechunk_ == 0) append_size(out, piece.size());
  if (rechunk_ != 0) return append(out, piece.substr(0, bytes));
  out.append(piece.substr(0, bytes));
}

void BodyFramer::finish(std::string& out) {
  if (!chunked_) return;
  if (!waiting_.empty()) append_chunk(out, waiting_);
  waiting_.clear();
  out.append("0\r\n\r\n");
}

}  // namespace relay::simulate
