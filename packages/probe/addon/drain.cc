// SPDX-License-Identifier: Apache-2.0
#include "drain.hh"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

extern "C" {
#include "frame.h"
#include "settings.h"
}

namespace probe {
namespace {
constexpr int kBatchFull = -ENOBUFS;
constexpr std::chrono::milliseconds kSettle{5};
// After so many looks into an empty ring in a row the drain sleeps until it is woken.
constexpr int kLooks = 8;
// A frame made in the very moment in which the drain asks to be woken wakes nobody: this is how late it can be.
constexpr int kLongestSleep = 250;
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
  if (wake_) munmap(wake_, sizeof *wake_);
  if (wake_fd_ >= 0) close(wake_fd_);
}

int Drain::start(const DrainMaps& maps, Deliver deliver) {
  deliver_ = std::move(deliver);
  ring_ = ring_buffer__new(maps.ring, take_frame, this, nullptr);
  if (!ring_) return errno;
  wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_fd_ < 0 || watch(maps)) return errno;
  thread_ = std::thread([this] { run(); });
  return 0;
}

int Drain::watch(const DrainMaps& maps) {
  void* shared = mmap(nullptr, sizeof *wake_, PROT_READ | PROT_WRITE, MAP_SHARED, maps.wakes, 0);
  if (shared == MAP_FAILED) return -1;
  wake_ = static_cast<struct wake*>(shared);
  wake_->crowded = maps.ring_bytes / 8;
  int epoll = ring_buffer__epoll_fd(ring_);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = -1;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, wake_fd_, &event)) return -1;
  // By its edges: that frames lie in the ring is no reason to end a sleep, only that one was to wake.
  event.events = EPOLLIN | EPOLLET;
  return epoll_ctl(epoll, EPOLL_CTL_MOD, maps.ring, &event);
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
    found_ = true;
    int32_t index = current_;
    current_ = -1;
    deliver_(index, static_cast<uint32_t>(used_));
  }
  return taken == kBatchFull;
}

// Until a frame or another thread wakes the drain, or the time is up.
void Drain::sleep(int milliseconds) {
  epoll_event events[2];
  epoll_wait(ring_buffer__epoll_fd(ring_), events, 2, milliseconds);
  __atomic_store_n(&wake_->woken, 0, __ATOMIC_SEQ_CST);
}

void Drain::run() {
  int pause = static_cast<int>((options_.delay_micros + 999) / 1000);
  int empty = 0;
  while (!abandoned_) {
    bool finishing = finishing_;
    // A program that was under way when it was told to stop is done long before this.
    if (finishing) std::this_thread::sleep_for(kSettle);
    found_ = false;
    while (fill() && !abandoned_) {
    }
    if (finishing || abandoned_) break;
    empty = found_ ? 0 : empty + 1;
    // Asked one look earlier than the sleep, so that no frame comes in between.
    __atomic_store_n(&wake_->armed, empty >= kLooks ? 1 : 0, __ATOMIC_SEQ_CST);
    sleep(empty > kLooks ? kLongestSleep : pause);
  }
  if (!abandoned_) deliver_(-1, 0);
}

}  // namespace probe
