// SPDX-License-Identifier: Apache-2.0
// Prints src/frame-layout.ts.
#include <cstdio>
#include <cstring>

#include "layout.hh"

int main() {
  puts("/** The numbers of bpf/frame.h and bpf/settings.h. Written by `make layout`: change those files instead. */");
  puts("export const LAYOUT = {");
  for (const auto& entry : probe::kLayout) {
    const char* quote = strchr(entry.name, '.') ? "\"" : "";
    printf("  %s%s%s: %u,\n", quote, entry.name, quote, entry.value);
  }
  puts("} as const;");
}
