#include "net/stream.h"

#include "net/turn_io.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace relay {
namespace {

// Client gone must be seen within 100 ms; an answer cut in the same edge as its last bytes within a second.
constexpr std::chrono::milliseconds kLookWhileWatched{20};
constexpr std::chrono::milliseconds kLookWhileReading{700};

// An end that stands behind bytes nobody has read: a peek shows the bytes only.
bool has_hung_up(int descriptor) {
  pollfd look{descriptor, POLLRDHUP, 0};
  return ::poll(&look, 1, 0) > 0;
}

}  // namespace

Stream::Stream(boost::asio::io_context& context, DeadlineWheel& wheel, int descriptor, TurnIo* turn) try
    : descriptor_(descriptor),
      turn_(turn),
      readiness_(context, descriptor, *this),
      deadline_(wheel, *this),
      look_for_end_(wheel, *this) {
} catch (...) {
  ::close(descriptor);  // taken, also when epoll refuses it
  throw;
}

Stream::~Stream() { close(); }

ReadOutcome Stream::try_read(std::span<char> out) {
  using Status = ReadOutcome::Status;
  if (descriptor_ < 0) return {Status::failed, 0};
  if (tls_ != nullptr) return read_tls(out);
  if (arrived_) return take_arrived(out);
  if (!may_be_readable_) return {Status::would_block, 0};
  const auto got = ::recv(descriptor_, out.data(), out.size(), 0);
  return read_done(got < 0 ? -errno : got, out.size());
}

ReadOutcome Stream::read_done(std::ptrdiff_t result, std::size_t asked) {
  using Status = ReadOutcome::Status;
  if (result > 0) {
    if (static_cast<std::size_t>(result) < asked) drained(false);
    return {Status::data, static_cast<std::size_t>(result)};
  }
  if (result == 0) return {Status::end, 0};
  if (result == -EAGAIN || result == -EINTR) {
    drained(result == -EAGAIN);
    return {Status::would_block, 0};
  }
  return {Status::failed, 0};
}

void Stream::arrived(std::span<char> room, int result) {
  arrived_ = read_done(result, room.size());
  arrived_bytes_ = {room.data(), arrived_->bytes};
  // An edge for nothing: who waits asks again.
  if (arrived_->status == ReadOutcome::Status::would_block) arrived_.reset();
}

ReadOutcome Stream::take_arrived(std::span<char> out) {
  auto outcome = *arrived_;
  if (outcome.status != ReadOutcome::Status::data) return outcome;  // an end stays one
  outcome.bytes = std::min(out.size(), arrived_bytes_.size());
  std::memcpy(out.data(), arrived_bytes_.data(), outcome.bytes);
  arrived_bytes_.remove_prefix(outcome.bytes);
  if (arrived_bytes_.empty()) {
    arrived_.reset();
    kept_bytes_ = std::string();
  }
  return outcome;
}

// The room is for the next turn's bytes.
void Stream::keep_arrived() {
  if (!arrived_ || arrived_bytes_.empty()) return;
  kept_bytes_ = std::string(arrived_bytes_);
  arrived_bytes_ = kept_bytes_;
}

WriteOutcome written(std::ptrdiff_t result, std::span<const iovec> parts) {
  using Status = WriteOutcome::Status;
  if (result < 0) {
    const bool later = result == -EAGAIN || result == -EINTR || result == -ENOBUFS;
    return {later ? Status::partial : Status::failed, 0};
  }
  std::size_t total = 0;
  for (const auto& part : parts) total += part.iov_len;
  const auto taken = static_cast<std::size_t>(result);
  return {taken == total ? Status::done : Status::partial, taken};
}

WriteOutcome Stream::try_write(std::span<const iovec> parts) {
  if (descriptor_ < 0) return {WriteOutcome::Status::failed, 0};
  if (tls_ != nullptr) return write_tls(parts);
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());
  message.msg_iovlen = parts.size();
  const auto sent = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  return written(sent < 0 ? -errno : sent, parts);
}

Awaitable<bool> Stream::write_all(std::span<const char> bytes, std::chrono::milliseconds patience) {
  while (!bytes.empty()) {
    const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    const auto outcome = try_write({&part, 1});
    if (outcome.status == WriteOutcome::Status::failed) co_return false;
    bytes = bytes.subspan(outcome.bytes);
    if (bytes.empty()) break;
    close_in(patience);
    write_patience_ = patience;
    static_cast<void>(took_some());
    const bool open = co_await writable();
    write_patience_ = {};
    if (!open) co_return false;
  }
  co_return true;
}

// Whether the peer has acknowledged anything since this was asked last.
bool Stream::took_some() {
  int bytes = 0;
  if (::ioctl(descriptor_, SIOCOUTQ, &bytes) != 0) return false;
  return bytes < std::exchange(unacknowledged_bytes_, bytes);
}

// After the last byte that was there: the next event is a new edge.
void Stream::drained(bool certain) {
  may_be_readable_ = false;
  end_not_ruled_out_ = !certain;
  readiness_.arm_read();
}

Awaitable<void> Stream::suspend(std::optional<Waiter>& waiter) {
  auto keep = [&waiter](auto handler) { waiter.emplace(std::move(handler)); };
  const boost::asio::use_awaitable_t<IoExecutor> here;
  return boost::asio::async_initiate<decltype(here), void()>(std::move(keep), here);
}

Awaitable<bool> Stream::readable() {
  while (descriptor_ >= 0 && !may_be_readable()) static_cast<void>(co_await next_edge());
  co_return descriptor_ >= 0;
}

Awaitable<void> Stream::next_edge() {
  if (end_not_ruled_out_) look_for_end_.set(kLookWhileReading);
  return suspend(reader_);
}

Awaitable<bool> Stream::readable_or_left() {
  while (descriptor_ >= 0 && !may_be_readable()) {
    if (end_not_ruled_out_) look_for_end_.set(kLookWhileWatched);
    static_cast<void>(co_await suspend(reader_));
  }
  co_return descriptor_ >= 0;
}

Awaitable<bool> Stream::writable() {
  if (descriptor_ < 0) co_return false;
  readiness_.arm_write();
  static_cast<void>(co_await suspend(writer_));
  co_return descriptor_ >= 0;
}

void Stream::on_readable() {
  may_be_readable_ = true;
  if (reader_) {
    if (turn_ != nullptr && tls_ == nullptr) return turn_->read(*this);
    return resume_reader();
  }
  if (on_gone_) tell_watcher();
}

void Stream::on_writable() { resume(writer_); }

// What is left over belongs to the coroutine that owns this stream: letting go of who waits ends it.
void Stream::on_abandoned() {
  const auto writer = std::exchange(writer_, std::nullopt);
  const auto reader = std::exchange(reader_, std::nullopt);
}

void Stream::resume(std::optional<Waiter>& waiter) {
  if (!waiter) return;
  auto handler = std::move(*waiter);
  waiter.reset();
  std::move(handler)();
}

void Stream::resume_later(std::optional<Waiter>& waiter) {
  if (!waiter) return;
  auto executor = boost::asio::get_associated_executor(*waiter);
  boost::asio::post(executor, std::move(*waiter));
  waiter.reset();
}

Stream::Quiet Stream::look_at_peer() {
  if (tls_ != nullptr) return look_at_tls_peer();
  if (arrived_ && arrived_->status != ReadOutcome::Status::data) return Quiet::peer_gone;
  if (arrived_) return has_hung_up(descriptor_) ? Quiet::peer_gone : Quiet::bytes_wait;
  char byte;
  const auto got = ::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got > 0) return has_hung_up(descriptor_) ? Quiet::peer_gone : Quiet::bytes_wait;
  if (got == 0 || (errno != EAGAIN && errno != EINTR)) return Quiet::peer_gone;
  drained(true);
  return Quiet::yes;
}

void Stream::LookForEnd::on_expiry() {
  auto& stream = stream_;
  if (stream.descriptor_ < 0 || stream.may_be_readable_) return;
  if (stream.look_at_peer() != Quiet::yes) stream.on_readable();
}

void Stream::CloseLater::on_expiry() {
  const auto patience = stream_.write_patience_;
  if (patience.count() > 0 && stream_.took_some()) return set(patience);
  stream_.timed_out_ = true;
  stream_.close();
}

void Stream::watch(std::function<void()> on_gone) {
  on_gone_ = std::move(on_gone);
  if (may_be_readable()) return tell_watcher();
  if (end_not_ruled_out_) look_for_end_.set(kLookWhileWatched);
}

void Stream::unwatch() {
  on_gone_ = nullptr;
  look_for_end_.clear();
}

void Stream::tell_watcher() {
  const auto quiet = look_at_peer();
  // Bytes stay where they are; an end behind them is a new edge.
  if (quiet == Quiet::bytes_wait) readiness_.arm_read();
  if (quiet != Quiet::peer_gone) return;
  const auto tell = std::exchange(on_gone_, nullptr);
  tell();
}

void Stream::hang_up() {
  const auto tell = std::exchange(on_gone_, nullptr);
  if (tell) tell();
  close();
}

bool Stream::is_stale() {
  if (descriptor_ < 0) return true;
  return may_be_readable() && look_at_peer() != Quiet::yes;
}

void Stream::reset() {
  if (descriptor_ < 0) return;
  forget_tls();
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

}  // namespace relay
