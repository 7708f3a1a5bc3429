// The bounds of everything the HTTP parsers read before anybody has been authenticated.
#pragma once

#include <cstddef>
#include <cstdint>

namespace relay {

inline constexpr std::size_t kHeadBytesMax = 64 * 1024;      // 431 past it
inline constexpr std::size_t kHeadFieldsMax = 128;           // 431 past it; the room ParsedHead has
inline constexpr std::size_t kHeadLineBytesMax = 16 * 1024;  // one field line; 431 past it
inline constexpr std::size_t kTargetBytesMax = 8 * 1024;     // 414 past it
inline constexpr std::size_t kMethodBytesMax = 32;

inline constexpr std::size_t kChunkLineBytesMax = 4 * 1024;  // chunk size and extensions, without CRLF
inline constexpr std::size_t kTrailerBytesMax = 8 * 1024;    // the whole trailer section
inline constexpr std::uint64_t kChunkBytesMax = std::uint64_t{1} << 62;

inline constexpr std::size_t kBodyBytesMax = 32 * 1024 * 1024;  // a request's body, decoded; 413 past it
inline constexpr std::size_t kSseEventBytesMax = 1024 * 1024;   // what the tap reads; longer ones only pass

/// The same, as a server may set them. fields_max is at most kHeadFieldsMax.
struct HeadLimits {
  std::size_t head_bytes_max = kHeadBytesMax;
  std::size_t line_bytes_max = kHeadLineBytesMax;
  std::size_t target_bytes_max = kTargetBytesMax;
  std::size_t fields_max = kHeadFieldsMax;
};

}  // namespace relay
