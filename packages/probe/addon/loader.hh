// SPDX-License-Identifier: Apache-2.0
// The BPF object: open, load, attach, maps, iterators. No policy: what to load and what to write is the caller's.
#pragma once

#include <bpf/libbpf.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "drain.hh"

namespace probe {

struct LoadOptions {
  std::string path;
  std::unordered_set<std::string> programs;
  std::unordered_map<std::string, uint32_t> map_entries;
  std::vector<uint8_t> settings;
};

// What failed, and the last words of libbpf and the verifier. `error` is a positive errno, 0 for success.
struct Outcome {
  int error = 0;
  std::string step;
  std::string log;
};

class Loader {
 public:
  ~Loader();
  Outcome load(const LoadOptions& options);
  // On the tracepoint category:event, or where the program's section says when `category` is empty.
  Outcome attach(const std::string& program, const std::string& category, const std::string& event);
  void detach();

  Outcome update(const std::string& map, const std::vector<uint8_t>& key, const std::vector<uint8_t>& value);
  Outcome remove(const std::string& map, const std::vector<uint8_t>& key);
  // The value, or every processor's value one after the other for a per-CPU map.
  Outcome read(const std::string& map, const std::vector<uint8_t>& key, std::vector<uint8_t>& value);
  // Puts a program into a program array.
  Outcome install(const std::string& map, uint32_t index, const std::string& program);
  Outcome iterate(const std::string& program, std::vector<uint8_t>& output);
  DrainMaps drain_maps() const;

 private:
  int map_fd(const std::string& map) const;

  bpf_object* object_ = nullptr;
  std::vector<bpf_link*> links_;
};

}  // namespace probe
