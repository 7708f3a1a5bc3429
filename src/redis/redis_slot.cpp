#include "redis/redis_client.h"

namespace relay {

// CRC-16/XMODEM: polynomial 0x1021, start 0, bit by bit; keys are short.
std::uint16_t redis_slot(std::string_view key) {
  if (const auto open = key.find('{'); open != std::string_view::npos) {
    const auto close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) key = key.substr(open + 1, close - open - 1);
  }
  unsigned crc = 0;
  for (const char letter : key) {
    crc ^= static_cast<unsigned>(static_cast<unsigned char>(letter)) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
    crc &= 0xFFFF;
  }
  return static_cast<std::uint16_t>(crc % 16384);
}

}  // namespace relay
