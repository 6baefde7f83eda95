// SPDX-License-Identifier: Apache-2.0
#include "loader.hh"

#include <bpf/bpf.h>
#include <malloc.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <mutex>

namespace probe {
namespace {

constexpr size_t kLogLimit = 8192;

// libbpf has one print function for the whole process.
std::mutex log_mutex;
std::string log_text;

int keep_log(enum libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG) return 0;
  char line[4096];
  int length = vsnprintf(line, sizeof line, format, arguments);
  std::lock_guard<std::mutex> guard(log_mutex);
  log_text += line;
  if (log_text.size() > kLogLimit) log_text.erase(0, log_text.size() - kLogLimit);
  return length;
}

std::string take_log() {
  std::lock_guard<std::mutex> guard(log_mutex);
  std::string text;
  text.swap(log_text);
  return text;
}

Outcome failed(int error, const std::string& step) { return {error < 0 ? -error : error, step, take_log()}; }

// The verifier gives up with EAGAIN when a signal is pending: hold them back from this thread meanwhile.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

bool is_per_cpu(const bpf_map* map) {
  switch (bpf_map__type(map)) {
    case BPF_MAP_TYPE_PERCPU_ARRAY:
    case BPF_MAP_TYPE_PERCPU_HASH:
    case BPF_MAP_TYPE_LRU_PERCPU_HASH:
      return true;
    default:
      return false;
  }
}

}  // namespace

Loader::~Loader() {
  detach();
  if (object_) bpf_object__close(object_);
}

Outcome Loader::load(const LoadOptions& options) {
  libbpf_set_print(keep_log);
  take_log();
  object_ = bpf_object__open_file(options.path.c_str(), nullptr);
  if (!object_) return failed(errno, "open");
  bpf_program* program;
  bpf_object__for_each_program(program, object_) {
    bpf_program__set_autoload(program, options.programs.count(bpf_program__name(program)) > 0);
  }
  bpf_map* map;
  bpf_object__for_each_map(map, object_) {
    auto entries = options.map_entries.find(bpf_map__name(map));
    if (entries != options.map_entries.end()) bpf_map__set_max_entries(map, entries->second);
    if (strcmp(bpf_map__name(map), ".rodata.settings") == 0 && !options.settings.empty()) {
      int error = bpf_map__set_initial_value(map, options.settings.data(), options.settings.size());
      if (error) return failed(error, "settings");
    }
  }
  SignalsHeld held;
  int error = bpf_object__load(object_);
  // The kernel's type information was some tens of megabytes in small pieces: give them back.
  malloc_trim(0);
  return error ? failed(error, "load") : Outcome{};
}

Outcome Loader::attach(const std::string& name, const std::string& category, const std::string& event) {
  bpf_program* program = bpf_object__find_program_by_name(object_, name.c_str());
  if (!program) return failed(ENOENT, "attach " + name);
  bpf_link* link = category.empty() ? bpf_program__attach(program)
                                    : bpf_program__attach_tracepoint(program, category.c_str(), event.c_str());
  if (!link) return failed(errno, "attach " + name);
  links_.push_back(link);
  return {};
}

void Loader::detach() {
  for (bpf_link* link : links_) bpf_link__destroy(link);
  links_.clear();
}

Outcome Loader::update(const std::string& name, const std::vector<uint8_t>& key, const std::vector<uint8_t>& value) {
  bpf_map* map = bpf_object__find_map_by_name(object_, name.c_str());
  if (!map) return failed(ENOENT, "map " + name);
  int error = bpf_map__update_elem(map, key.data(), key.size(), value.data(), value.size(), BPF_ANY);
  return error ? failed(error, "update " + name) : Outcome{};
}

Outcome Loader::remove(const std::string& name, const std::vector<uint8_t>& key) {
  bpf_map* map = bpf_object__find_map_by_name(object_, name.c_str());
  if (!map) return failed(ENOENT, "map " + name);
  int error = bpf_map__delete_elem(map, key.data(), key.size(), 0);
  return error && error != -ENOENT ? failed(error, "remove from " + name) : Outcome{};
}

Outcome Loader::read(const std::string& name, const std::vector<uint8_t>& key, std::vector<uint8_t>& value) {
  bpf_map* map = bpf_object__find_map_by_name(object_, name.c_str());
  if (!map) return failed(ENOENT, "map " + name);
  size_t size = bpf_map__value_size(map);
  if (is_per_cpu(map)) size = ((size + 7) & ~size_t{7}) * libbpf_num_possible_cpus();
  value.resize(size);
  int error = bpf_map__lookup_elem(map, key.data(), key.size(), value.data(), value.size(), 0);
  return error ? failed(error, "read " + name) : Outcome{};
}

Outcome Loader::install(const std::string& map, uint32_t index, const std::string& name) {
  bpf_program* program = bpf_object__find_program_by_name(object_, name.c_str());
  int array = map_fd(map);
  if (!program || array < 0) return failed(ENOENT, "install " + name);
  int fd = bpf_program__fd(program);
  int error = bpf_map_update_elem(array, &index, &fd, BPF_ANY);
  return error ? failed(error, "install " + name) : Outcome{};
}

Outcome Loader::iterate(const std::string& name, std::vector<uint8_t>& output) {
  bpf_program* program = bpf_object__find_program_by_name(object_, name.c_str());
  if (!program) return failed(ENOENT, "iterate " + name);
  bpf_link* link = bpf_program__attach_iter(program, nullptr);
  if (!link) return failed(errno, "iterate " + name);
  int fd = bpf_iter_create(bpf_link__fd(link));
  int error = fd < 0 ? -fd : 0;
  uint8_t part[65536];
  while (!error) {
    ssize_t count = ::read(fd, part, sizeof part);
    if (count == 0) break;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) error = errno;
    else output.insert(output.end(), part, part + count);
  }
  if (fd >= 0) ::close(fd);
  bpf_link__destroy(link);
  return error ? failed(error, "iterate " + name) : Outcome{};
}

DrainMaps Loader::drain_maps() const {
  bpf_map* ring = bpf_object__find_map_by_name(object_, "ring");
  return {map_fd("ring"), map_fd("wakes"), ring ? bpf_map__max_entries(ring) : 0};
}

int Loader::map_fd(const std::string& name) const {
  bpf_map* map = bpf_object__find_map_by_name(object_, name.c_str());
  return map ? bpf_map__fd(map) : -1;
}

}  // namespace probe
