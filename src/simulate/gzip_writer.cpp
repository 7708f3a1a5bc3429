#include "simulate/gzip_writer.h"

#include <zlib.h>

#include <array>
#include <new>

namespace relay::simulate {
namespace {

constexpr int kGzipWindow = 15 + 16;
constexpr int kMemoryLevel = 8;

}  // namespace

GzipWriter::GzipWriter() : stream_(std::make_unique<z_stream_s>()) {
  if (deflateInit2(stream_.get(), Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
}

GzipWriter::~GzipWriter() { deflateEnd(stream_.get()); }

void GzipWriter::append(std::string& out, std::string_view piece) { run(out, piece, Z_SYNC_FLUSH); }

void GzipWriter::finish(std::string& out) { run(out, {}, Z_FINISH); }

void GzipWriter::run(std::string& out, std::string_view piece, int flush) {
  std::array<unsigned char, 8192> room;
  stream_->next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(piece.data()));
  stream_->avail_in = static_cast<unsigned>(piece.size());
  do {
    stream_->next_out = room.data();
    stream_->avail_out = static_cast<unsigned>(room.size());
    deflate(stream_.get(), flush);
    out.append(reinterpret_cast<const char*>(room.data()), room.size() - stream_->avail_out);
  } while (stream_->avail_out == 0);
}

}  // namespace relay::simulate
