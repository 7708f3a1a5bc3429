#include "net/turn_io.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace relay {
namespace {

// So that the rooms do not all begin in the same lines of the cache.
constexpr std::size_t kStagger = 192;

}  // namespace

TurnIo::TurnIo(IoExecutor executor, bool gathers) : executor_(executor), gathers_(gathers) {}

TurnIo::~TurnIo() = default;

bool TurnIo::is_open() {
  if (!ring_) ring_ = std::make_unique<Ring>();
  return gathers_ && ring_->is_open();
}

void TurnIo::read(Stream& stream) {
  if (std::exchange(stream.queued_, true)) return;
  readers_.push_back(&stream);
  // Behind the events that this turn found ready.
  if (readers_.size() == 1) boost::asio::post(executor_, [this] { read_gathered(); });
}

void TurnIo::forget(Stream& stream) {
  if (!stream.queued_ && !stream.arrived_) return;
  stream.queued_ = false;
  for (auto* queue : {&readers_, &reading_})
    std::replace(queue->begin(), queue->end(), &stream, static_cast<Stream*>(nullptr));
}

void TurnIo::read_gathered() {
  reading_.swap(readers_);
  readers_.clear();
  std::erase(reading_, nullptr);
  for (std::size_t at = 0; at < reading_.size(); at += Ring::kOperationsMax) {
    read_some(std::span(reading_).subspan(at, std::min(reading_.size() - at, Ring::kOperationsMax)));
  }
  reading_.clear();
}

void TurnIo::read_some(std::span<Stream*> streams) {
  const bool gathers = streams.size() > 1 && is_open();
  if (gathers) {
    constexpr auto kStride = kReadBytes + kStagger;
    if (!room_) room_ = std::make_unique_for_overwrite<char[]>(Ring::kOperationsMax * kStride);
    std::array<Stream*, Ring::kOperationsMax> asked{};
    std::size_t count = 0;
    for (auto* stream : streams) {
      if (stream == nullptr) continue;  // closed by one that was resumed before it
      ring_->receive(stream->descriptor_, {room_.get() + count * kStride, kReadBytes});
      asked[count++] = stream;
    }
    const auto results = ring_->submit();
    for (std::size_t i = 0; i < count; ++i)
      asked[i]->arrived({room_.get() + i * kStride, kReadBytes}, results[i]);
  }
  for (auto*& stream : streams) {
    if (stream == nullptr) continue;
    stream->queued_ = false;
    stream->resume_reader();
    if (gathers && stream != nullptr) stream->keep_arrived();
  }
}

Awaitable<void> TurnIo::write(Stream& stream, iovec first, iovec second, WriteOutcome& outcome) {
  auto keep = [this, &stream, first, second, &outcome](auto handler) {
    writes_.push_back(
        {.stream = &stream, .parts = {first, second}, .outcome = &outcome, .waiter = std::move(handler)});
    if (writes_.size() == 1) boost::asio::post(executor_, [this] { write_all(std::exchange(writes_, {})); });
  };
  const boost::asio::use_awaitable_t<IoExecutor> here;
  return boost::asio::async_initiate<decltype(here), void()>(std::move(keep), here);
}

void TurnIo::write_all(std::vector<Write> writes) {
  const bool gathers = writes.size() > 1 && is_open();
  for (std::size_t at = 0; at < writes.size(); at += Ring::kOperationsMax) {
    const auto some = std::span(writes).subspan(at, std::min(writes.size() - at, Ring::kOperationsMax));
    std::array<msghdr, Ring::kOperationsMax> messages{};
    std::array<Write*, Ring::kOperationsMax> asked{};
    std::size_t count = 0;
    for (auto& write : some) {
      if (!gathers || !write.stream->is_open() || write.stream->is_tls()) {
        *write.outcome = write.stream->try_write(write.parts);
        continue;
      }
      auto& message = messages[count];
      message.msg_iov = write.parts.data();
      message.msg_iovlen = write.parts.size();
      ring_->send(write.stream->descriptor(), message);
      asked[count++] = &write;
    }
    if (count == 0) continue;
    const auto results = ring_->submit();
    for (std::size_t i = 0; i < count; ++i) *asked[i]->outcome = written(results[i], asked[i]->parts);
  }
  for (auto& write : writes) std::move (*write.waiter)();
}

void TurnIo::abandon() {
  const auto writes = std::exchange(writes_, {});
  readers_.clear();
  reading_.clear();
}

}  // namespace relay
