// SPDX-License-Identifier: Apache-2.0
// What lets Debian's libbpf.a and libelf.a, which are compiled for programs, go into a shared library.
#include <cstdio>

// libbpf's own printing goes here; the loader replaces it before anything is printed. See the Makefile.
extern "C" {
FILE* probe_stderr = stderr;
}

// Stands in for the one object of libelf.a that keeps a thread-local. libbpf prints these numbers and nothing more.
namespace {
thread_local int last_error = 0;
thread_local char message[32];
}  // namespace

extern "C" {

void __libelf_seterrno(int value) { last_error = value; }

int elf_errno() {
  int value = last_error;
  last_error = 0;
  return value;
}

const char* elf_errmsg(int error) {
  int value = error > 0 ? error : last_error;
  if (error == 0 && value == 0) return nullptr;
  snprintf(message, sizeof message, "libelf error %d", value);
  return message;
}
}
