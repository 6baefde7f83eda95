// SPDX-License-Identifier: Apache-2.0
#include "drain.hh"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

extern "C" {
#include "frame.h"
}

namespace probe {
namespace {
constexpr int kBatchFull = -ENOBUFS;
constexpr std::chrono::milliseconds kSettle{5};
}

Drain::Drain(const DrainOptions& options) : options_(options) {
  for (size_t i = 0; i < options_.batch_count; i++) {
    batches_.emplace_back(new uint8_t[options_.batch_bytes]);
    free_.push_back(static_cast<uint32_t>(options_.batch_count - 1 - i));
  }
}

Drain::~Drain() {
  abandon();
  if (ring_) ring_buffer__free(ring_);
  if (wake_fd_ >= 0) close(wake_fd_);
}

int Drain::start(int ring_fd, Deliver deliver) {
  deliver_ = std::move(deliver);
  ring_ = ring_buffer__new(ring_fd, take_frame, this, nullptr);
  if (!ring_) return errno;
  wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_fd_ < 0) return errno;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = -1;
  if (epoll_ctl(ring_buffer__epoll_fd(ring_), EPOLL_CTL_ADD, wake_fd_, &event)) return errno;
  thread_ = std::thread([this] { run(); });
  return 0;
}

void Drain::release(uint32_t index) {
  std::lock_guard<std::mutex> guard(mutex_);
  free_.push_back(index);
  released_.notify_one();
}

void Drain::wake() {
  uint64_t one = 1;
  if (wake_fd_ >= 0 && write(wake_fd_, &one, sizeof one) < 0) return;
}

void Drain::finish() {
  finishing_ = true;
  wake();
}

void Drain::abandon() {
  {
    std::lock_guard<std::mutex> guard(mutex_);
    abandoned_ = true;
    released_.notify_all();
  }
  wake();
  if (thread_.joinable()) thread_.join();
}

bool Drain::acquire() {
  if (current_ >= 0) return true;
  std::unique_lock<std::mutex> lock(mutex_);
  released_.wait(lock, [this] { return abandoned_ || !free_.empty(); });
  if (abandoned_) return false;
  current_ = static_cast<int32_t>(free_.back());
  free_.pop_back();
  used_ = 0;
  return true;
}

// There is always room: a batch that has less than the longest frame left is delivered first.
int Drain::take_frame(void* context, void* data, size_t size) {
  auto* self = static_cast<Drain*>(context);
  memcpy(self->batches_[self->current_].get() + self->used_, data, size);
  self->used_ += size;
  return self->used_ + FRAME_MAX > self->options_.batch_bytes ? kBatchFull : 0;
}

// Delivers what the ring holds, up to one batch. True when more may lie in the ring.
bool Drain::fill() {
  if (!acquire()) return false;
  int taken = ring_buffer__consume(ring_);
  if (used_ > 0) {
    int32_t index = current_;
    current_ = -1;
    deliver_(index, static_cast<uint32_t>(used_));
  }
  return taken == kBatchFull;
}

void Drain::run() {
  while (!abandoned_) {
    bool finishing = finishing_;
    // A program that was under way when it was told to stop is done long before this.
    if (finishing) std::this_thread::sleep_for(kSettle);
    while (fill() && !abandoned_) {
    }
    if (finishing || abandoned_) break;
    epoll_event events[2];
    int count = epoll_wait(ring_buffer__epoll_fd(ring_), events, 2, -1);
    if (count > 0 && !finishing_ && options_.delay_micros > 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(options_.delay_micros));
    }
  }
  if (!abandoned_) deliver_(-1, 0);
}

}  // namespace probe
