// SPDX-License-Identifier: Apache-2.0
// Moves frames from the ring buffer into a fixed set of batches on a thread of its own.
#pragma once

#include <bpf/libbpf.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

struct wake;

namespace probe {

struct DrainOptions {
  size_t batch_bytes;
  size_t batch_count;
  // How long to let frames gather before the ring is looked into again, while there are any.
  uint32_t delay_micros;
};

// The kernel's maps that the drain works on.
struct DrainMaps {
  int ring;
  int wakes;
  size_t ring_bytes;
};

// A batch is the drain's until `deliver` is called with it, then the reader's until `release`.
class Drain {
 public:
  // `deliver(index, bytes)` is called on the drain's thread; index -1 says that the ring is empty and the thread ends.
  using Deliver = std::function<void(int32_t index, uint32_t bytes)>;

  explicit Drain(const DrainOptions& options);
  ~Drain();
  int start(const DrainMaps& maps, Deliver deliver);
  void release(uint32_t index);
  // Ends the thread after everything that lies in the ring was delivered.
  void finish();
  // Ends the thread at once.
  void abandon();
  uint8_t* batch(size_t index) { return batches_[index].get(); }
  const DrainOptions& options() const { return options_; }

 private:
  static int take_frame(void* self, void* data, size_t size);
  void run();
  bool fill();
  bool acquire();
  void wake();
  int watch(const DrainMaps& maps);
  void sleep(int milliseconds);

  DrainOptions options_;
  std::vector<std::unique_ptr<uint8_t[]>> batches_;
  std::vector<uint32_t> free_;
  std::mutex mutex_;
  std::condition_variable released_;
  std::thread thread_;
  Deliver deliver_;
  ring_buffer* ring_ = nullptr;
  struct wake* wake_ = nullptr;
  int wake_fd_ = -1;
  std::atomic<bool> finishing_{false};
  std::atomic<bool> abandoned_{false};
  int32_t current_ = -1;
  size_t used_ = 0;
  // Frames were found since the drain last slept.
  bool found_ = false;
};

}  // namespace probe
