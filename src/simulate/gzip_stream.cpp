#include "simulate/gzip_stream.h"

#include <zlib.h>

#include <array>
#include <stdexcept>

namespace relay::simulate {

struct GzipStream::State {
  State() {
    constexpr int kGzip = 15 + 16;  // window bits, and the gzip wrapper
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::runtime_error("zlib can't be set up");
    }
  }
  ~State() { deflateEnd(&z); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  z_stream z{};
};

GzipStream::GzipStream() : state_(std::make_unique<State>()) {}
GzipStream::~GzipStream() = default;
GzipStream::GzipStream(GzipStream&&) noexcept = default;
GzipStream& GzipStream::operator=(GzipStream&&) noexcept = default;

void GzipStream::pack(std::string& piece, bool last) {
  auto& z = state_->z;
  std::string packed;
  std::array<char, 4096> room;
  z.next_in = reinterpret_cast<Bytef*>(piece.data());
  z.avail_in = static_cast<uInt>(piece.size());
  do {
    z.next_out = reinterpret_cast<Bytef*>(room.data());
    z.avail_out = static_cast<uInt>(room.size());
    deflate(&z, last ? Z_FINISH : Z_SYNC_FLUSH);
    packed.append(room.data(), room.size() - z.avail_out);
  } while (z.avail_out == 0);
  piece = std::move(packed);
}

}  // namespace relay::simulate
