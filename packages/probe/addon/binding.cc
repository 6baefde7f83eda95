// SPDX-License-Identifier: Apache-2.0
// The addon's face to JavaScript: converts values and hands over; see loader.hh and drain.hh.
#include <napi.h>

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>
#include <thread>

#include "drain.hh"
#include "layout.hh"
#include "loader.hh"

namespace probe {
namespace {

std::vector<uint8_t> bytes_of(const Napi::Value& value) {
  if (!value.IsTypedArray()) return {};
  auto array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.Data() + array.ByteLength()};
}

std::string text_of(const Napi::Value& value) { return value.IsString() ? value.As<Napi::String>().Utf8Value() : ""; }

// An Error with `errno`, `step` and `log`.
Napi::Error error_of(Napi::Env env, const Outcome& outcome) {
  Napi::Error error = Napi::Error::New(env, outcome.step + ": " + strerror(outcome.error));
  error.Set("errno", Napi::Number::New(env, outcome.error));
  error.Set("step", Napi::String::New(env, outcome.step));
  error.Set("log", Napi::String::New(env, outcome.log));
  return error;
}

struct Batch {
  int32_t index;
  uint32_t bytes;
};

class NativeProbe : public Napi::ObjectWrap<NativeProbe> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "NativeProbe",
                       {InstanceMethod<&NativeProbe::attach>("attach"), InstanceMethod<&NativeProbe::update>("update"),
                        InstanceMethod<&NativeProbe::remove>("remove"), InstanceMethod<&NativeProbe::read>("read"),
                        InstanceMethod<&NativeProbe::install>("install"),
                        InstanceMethod<&NativeProbe::iterate>("iterate"), InstanceMethod<&NativeProbe::start>("start"),
                        InstanceMethod<&NativeProbe::release>("release"), InstanceMethod<&NativeProbe::finish>("finish"),
                        InstanceMethod<&NativeProbe::close>("close")});
  }

  // Takes the loader that LoadWorker made.
  explicit NativeProbe(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<NativeProbe>(info), loader_(info[0].As<Napi::External<Loader>>().Data()) {}

  ~NativeProbe() override { shut(); }

 private:
  void check(Napi::Env env, const Outcome& outcome) {
    if (outcome.error) error_of(env, outcome).ThrowAsJavaScriptException();
  }

  bool opened(Napi::Env env) {
    if (!loader_) Napi::Error::New(env, "the probe is closed").ThrowAsJavaScriptException();
    return loader_ != nullptr;
  }

  void attach(const Napi::CallbackInfo& info) {
    if (!opened(info.Env())) return;
    check(info.Env(), loader_->attach(text_of(info[0]), text_of(info[1]), text_of(info[2])));
  }

  void update(const Napi::CallbackInfo& info) {
    if (!opened(info.Env())) return;
    check(info.Env(), loader_->update(text_of(info[0]), bytes_of(info[1]), bytes_of(info[2])));
  }

  void remove(const Napi::CallbackInfo& info) {
    if (!opened(info.Env())) return;
    check(info.Env(), loader_->remove(text_of(info[0]), bytes_of(info[1])));
  }

  Napi::Value read(const Napi::CallbackInfo& info) {
    if (!opened(info.Env())) return info.Env().Undefined();
    std::vector<uint8_t> value;
    check(info.Env(), loader_->read(text_of(info[0]), bytes_of(info[1]), value));
    return copied(info.Env(), value);
  }

  void install(const Napi::CallbackInfo& info) {
    if (!opened(info.Env())) return;
    check(info.Env(),
          loader_->install(text_of(info[0]), info[1].As<Napi::Number>().Uint32Value(), text_of(info[2])));
  }

  Napi::Value iterate(const Napi::CallbackInfo& info) {
    if (!opened(info.Env())) return info.Env().Undefined();
    std::vector<uint8_t> output;
    check(info.Env(), loader_->iterate(text_of(info[0]), output));
    return copied(info.Env(), output);
  }

  static Napi::Value copied(Napi::Env env, const std::vector<uint8_t>& bytes) {
    auto array = Napi::Uint8Array::New(env, bytes.size());
    if (!bytes.empty()) memcpy(array.Data(), bytes.data(), bytes.size());
    return array;
  }

  // start(callback, batchBytes, batchCount, delayMicros) gives the batches; callback(index, bytes) says which was filled.
  Napi::Value start(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    if (!opened(env)) return env.Undefined();
    DrainOptions options{info[1].As<Napi::Number>().Uint32Value(), info[2].As<Napi::Number>().Uint32Value(),
                         info[3].As<Napi::Number>().Uint32Value()};
    drain_ = std::make_shared<Drain>(options);
    auto batches = Napi::Array::New(env, options.batch_count);
    for (uint32_t i = 0; i < options.batch_count; i++) {
      // The buffer keeps the drain alive: JavaScript may hold it longer than the probe.
      auto* keep = new std::shared_ptr<Drain>(drain_);
      batches.Set(i, Napi::ArrayBuffer::New(
                         env, drain_->batch(i), options.batch_bytes,
                         [](Napi::Env, void*, std::shared_ptr<Drain>* kept) { delete kept; }, keep));
    }
    deliver_ = Napi::ThreadSafeFunction::New(env, info[0].As<Napi::Function>(), "probe batches", 0, 1);
    int error = drain_->start(loader_->drain_maps(), [this](int32_t index, uint32_t bytes) {
      Batch batch{index, bytes};
      deliver_.BlockingCall([batch](Napi::Env call_env, Napi::Function callback) {
        callback.Call({Napi::Number::New(call_env, batch.index), Napi::Number::New(call_env, batch.bytes)});
      });
    });
    if (error) check(env, {error, "drain", ""});
    return batches;
  }

  void release(const Napi::CallbackInfo& info) {
    if (drain_) drain_->release(info[0].As<Napi::Number>().Uint32Value());
  }

  // The callback gets what still lies in the ring, then -1. The programs must have been told to make nothing more.
  void finish(const Napi::CallbackInfo&) {
    if (drain_) drain_->finish();
  }

  void close(const Napi::CallbackInfo&) { shut(); }

  // Detaching waits tens of milliseconds for each program, so that it happens aside.
  void shut() {
    if (drain_) {
      drain_->abandon();
      deliver_.Release();
      drain_.reset();
    }
    if (loader_) std::thread([loader = std::move(loader_)]() mutable { loader.reset(); }).detach();
  }

  std::unique_ptr<Loader> loader_;
  std::shared_ptr<Drain> drain_;
  Napi::ThreadSafeFunction deliver_;
};

LoadOptions load_options(const Napi::Object& given) {
  LoadOptions options;
  options.path = text_of(given.Get("path"));
  auto programs = given.Get("programs").As<Napi::Array>();
  for (uint32_t i = 0; i < programs.Length(); i++) options.programs.insert(text_of(programs.Get(i)));
  auto entries = given.Get("mapEntries").As<Napi::Object>();
  auto names = entries.GetPropertyNames();
  for (uint32_t i = 0; i < names.Length(); i++) {
    std::string name = text_of(names.Get(i));
    options.map_entries[name] = entries.Get(name).As<Napi::Number>().Uint32Value();
  }
  options.settings = bytes_of(given.Get("settings"));
  return options;
}

// The verifier takes about a second: it works aside, so that a probe in charge goes on being read meanwhile.
class LoadWorker : public Napi::AsyncWorker {
 public:
  LoadWorker(Napi::Env env, LoadOptions options)
      : Napi::AsyncWorker(env),
        options_(std::move(options)),
        loader_(std::make_unique<Loader>()),
        deferred_(Napi::Promise::Deferred::New(env)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }
  void Execute() override { outcome_ = loader_->load(options_); }
  void OnOK() override {
    if (outcome_.error) {
      deferred_.Reject(error_of(Env(), outcome_).Value());
      return;
    }
    auto loader = Napi::External<Loader>::New(Env(), loader_.release());
    deferred_.Resolve(Env().GetInstanceData<Napi::FunctionReference>()->New({loader}));
  }

 private:
  LoadOptions options_;
  std::unique_ptr<Loader> loader_;
  Outcome outcome_;
  Napi::Promise::Deferred deferred_;
};

// load(options) resolves with a NativeProbe.
Napi::Value load(const Napi::CallbackInfo& info) {
  auto* worker = new LoadWorker(info.Env(), load_options(info[0].As<Napi::Object>()));
  Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

// Wall-clock time minus time since boot, in nanoseconds: the narrowest of a few looks at both clocks.
Napi::Value clock_offset(const Napi::CallbackInfo& info) {
  auto now = [](clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return time.tv_sec * int64_t{1000000000} + time.tv_nsec;
  };
  int64_t best_width = INT64_MAX;
  int64_t offset = 0;
  for (int i = 0; i < 5; i++) {
    int64_t before = now(CLOCK_BOOTTIME);
    int64_t wall = now(CLOCK_REALTIME);
    int64_t width = now(CLOCK_BOOTTIME) - before;
    if (width >= best_width) continue;
    best_width = width;
    offset = wall - before - width / 2;
  }
  return Napi::BigInt::New(info.Env(), offset);
}

// Forgets which pages of the program's code and constants are in memory: those that are used come back from the file's
// cache. A mapping with pages of its own (relocated data, breakpoints, code moved into huge pages) stays as it is.
void forget_file_pages() {
  char program[PATH_MAX] = "";
  if (readlink("/proc/self/exe", program, sizeof program - 1) <= 0) return;
  FILE* maps = fopen("/proc/self/smaps", "re");
  if (!maps) return;
  unsigned long begin = 0, end = 0;
  bool ours = false;
  char line[PATH_MAX + 128];
  while (fgets(line, sizeof line, maps)) {
    unsigned long from, to, own;
    char rights[8], path[PATH_MAX] = "";
    if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %4095[^\n]", &from, &to, rights, path) >= 3) {
      begin = from;
      end = to;
      ours = rights[1] == '-' && strcmp(path, program) == 0;
    } else if (ours && sscanf(line, "Anonymous: %lu", &own) == 1 && own == 0) {
      madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
    }
  }
  fclose(maps);
}

// releaseMemory(code) gives free memory of malloc back to the system, and with `code` that of code that ran once.
void release_memory(const Napi::CallbackInfo& info) {
  malloc_trim(0);
  if (info[0].ToBoolean()) forget_file_pages();
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  // One pool for all threads, and large pieces straight from the system: what is freed does not lie about in between.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, 128 * 1024);
  env.SetInstanceData(new Napi::FunctionReference(Napi::Persistent(NativeProbe::define(env))));
  exports.Set("load", Napi::Function::New(env, load));
  auto layout = Napi::Object::New(env);
  for (const LayoutEntry& entry : kLayout) layout.Set(entry.name, Napi::Number::New(env, entry.value));
  exports.Set("layout", layout);
  exports.Set("clockOffset", Napi::Function::New(env, clock_offset));
  exports.Set("releaseMemory", Napi::Function::New(env, release_memory));
  return exports;
}

}  // namespace

NODE_API_MODULE(probe, init)

}  // namespace probe
