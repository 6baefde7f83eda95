// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* One compilation: a program is loaded only when its event type is asked for, see src/programs.ts. */
#include "frame.h"
#include "settings.h"
#include "types.h"
#include "kernel.h"
#include "read.h"
#include "maps.h"
#include "path.h"
#include "writer.h"
#include "task.h"
#include "socket.h"
#include "file.h"
#include "name.h"
#include "call.h"
#include "image.h"
#include "hook_open.h"
#include "hook_process.h"
#include "hook_connect.h"
#include "hook_scan.h"
#include "hook_dispatch.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";
