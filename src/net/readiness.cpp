#include "net/readiness.h"

#include <boost/version.hpp>

#include <system_error>

#if BOOST_VERSION == 108100 && !defined(RELAY_PORTABLE_READINESS)

#include <boost/asio/detail/epoll_reactor.hpp>
#include <boost/asio/detail/reactor_op.hpp>

namespace relay {

namespace detail = boost::asio::detail;

// Lives until the Readiness has let go and no operation of it is in the reactor's hands: an aborted
// operation is delivered one turn later.
struct Readiness::Registration {
  struct Operation : detail::reactor_op {
    Operation(Registration& owner_, void (ReadinessEvents::*event_)())
        : reactor_op({}, &Operation::perform, &Operation::complete), owner(owner_), event(event_) {}

    // "Exhausted": the edge is used up, so the next arm waits for a new one.
    static status perform(reactor_op*) { return done_and_exhausted; }

    static void complete(void* scheduler, detail::operation* base, const boost::system::error_code&,
                         std::size_t) {
      auto& self = *static_cast<Operation*>(base);
      self.armed = false;
      auto& owner = self.owner;
      if (owner.events == nullptr) return owner.free_when_unused();
      if (scheduler == nullptr) return owner.events->on_abandoned();
      (owner.events->*self.event)();
    }

    Registration& owner;
    void (ReadinessEvents::*event)();
    bool armed = false;
  };

  Registration(boost::asio::io_context& context, int fd, ReadinessEvents& sink)
      : reactor(boost::asio::use_service<detail::epoll_reactor>(context)),
        descriptor(fd),
        events(&sink),
        read(*this, &ReadinessEvents::on_readable),
        write(*this, &ReadinessEvents::on_writable) {
    reactor.init_task();
    if (const int error = reactor.register_descriptor(fd, data)) {
      throw std::system_error(error, std::system_category(), "epoll");
    }
  }

  void arm(Operation& operation, int kind) {
    if (operation.armed || events == nullptr) return;
    operation.armed = true;
    reactor.start_op(kind, descriptor, data, &operation, false, true);
  }

  void free_when_unused() {
    if (events == nullptr && !read.armed && !write.armed) delete this;
  }

  detail::epoll_reactor& reactor;
  const int descriptor;
  detail::epoll_reactor::per_descriptor_data data = nullptr;
  ReadinessEvents* events;
  Operation read;
  Operation write;
};

Readiness::Readiness(boost::asio::io_context& context, int descriptor, ReadinessEvents& events)
    : registration_(new Registration(context, descriptor, events)) {}

Readiness::~Readiness() { release(); }

void Readiness::arm_read() {
  if (registration_ != nullptr) registration_->arm(registration_->read, detail::epoll_reactor::read_op);
}

void Readiness::arm_write() {
  if (registration_ != nullptr) registration_->arm(registration_->write, detail::epoll_reactor::write_op);
}

void Readiness::release(bool shared) {
  if (registration_ == nullptr) return;
  auto& registration = *registration_;
  registration_ = nullptr;
  registration.events = nullptr;
  registration.reactor.deregister_descriptor(registration.descriptor, registration.data, !shared);
  registration.reactor.cleanup_descriptor_data(registration.data);
  registration.free_when_unused();
}

}  // namespace relay

#else

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <memory>
#include <utility>

namespace relay {

struct Readiness::Registration : std::enable_shared_from_this<Readiness::Registration> {
  using Descriptor = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

  Registration(boost::asio::io_context& context, int fd, ReadinessEvents& sink)
      : descriptor(context, fd), events(&sink) {}

  void arm(bool& armed, Descriptor::wait_type kind, void (ReadinessEvents::*event)()) {
    if (armed || events == nullptr) return;
    armed = true;
    descriptor.async_wait(
        kind, [wait = Wait(shared_from_this()), &armed, event](const boost::system::error_code&) mutable {
          const auto owner = std::exchange(wait.owner, nullptr);
          armed = false;
          if (owner->events != nullptr) (owner->events->*event)();
        });
  }

  // A wait that is destroyed and was not called: the io_context is going.
  struct Wait {
    explicit Wait(std::shared_ptr<Registration> owner_) : owner(std::move(owner_)) {}
    Wait(Wait&& other) noexcept = default;
    Wait& operator=(Wait&&) = delete;
    ~Wait() {
      if (owner && owner->events != nullptr) owner->events->on_abandoned();
    }
    std::shared_ptr<Registration> owner;
  };

  Descriptor descriptor;
  ReadinessEvents* events;
  bool read_armed = false;
  bool write_armed = false;
  std::shared_ptr<Registration> self;  // until release()
};

Readiness::Readiness(boost::asio::io_context& context, int descriptor, ReadinessEvents& events) {
  auto shared = std::make_shared<Registration>(context, descriptor, events);
  registration_ = shared.get();
  shared->self = shared;
}

Readiness::~Readiness() { release(); }

void Readiness::arm_read() {
  if (registration_ == nullptr) return;
  registration_->arm(registration_->read_armed, Registration::Descriptor::wait_read,
                     &ReadinessEvents::on_readable);
}

void Readiness::arm_write() {
  if (registration_ == nullptr) return;
  registration_->arm(registration_->write_armed, Registration::Descriptor::wait_write,
                     &ReadinessEvents::on_writable);
}

void Readiness::release(bool) {
  if (registration_ == nullptr) return;
  auto keep = std::move(registration_->self);
  registration_ = nullptr;
  keep->events = nullptr;
  keep->descriptor.release();  // cancels what waits; the descriptor stays the caller's
}

}  // namespace relay

#endif
