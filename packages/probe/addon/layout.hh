// SPDX-License-Identifier: Apache-2.0
// The numbers of frame.h and settings.h by name, for the addon and for the program that writes src/frame-layout.ts.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {
#include "frame.h"
#include "settings.h"
}

namespace probe {

struct LayoutEntry {
  const char* name;
  uint32_t value;
};

#define NUMBER(name) {#name, static_cast<uint32_t>(name)}
#define MEMBER(structure, member) {#structure "." #member, offsetof(structure, member)}
#define SIZE(structure) {#structure ".bytes", sizeof(structure)}

inline constexpr LayoutEntry kLayout[] = {
    NUMBER(FRAME_VERSION),
    NUMBER(FRAME_MAX),
    NUMBER(FRAME_TYPE_SNAPSHOT),
    SIZE(frame),
    MEMBER(frame, size),
    MEMBER(frame, type),
    MEMBER(frame, cpu),
    MEMBER(frame, time),
    MEMBER(frame, result),
    MEMBER(frame, marks),
    MEMBER(frame, syscall),
    MEMBER(frame, tid),
    MEMBER(frame, pid),
    MEMBER(frame, ppid),
    MEMBER(frame, vtid),
    MEMBER(frame, vpid),
    MEMBER(frame, uid),
    MEMBER(frame, gid),
    MEMBER(frame, euid),
    MEMBER(frame, egid),
    MEMBER(frame, loginuid),
    MEMBER(frame, sid),
    MEMBER(frame, vsid),
    MEMBER(frame, pgid),
    MEMBER(frame, vpgid),
    MEMBER(frame, tty),
    MEMBER(frame, pid_namespace),
    MEMBER(frame, mount_namespace),
    MEMBER(frame, fd),
    MEMBER(frame, start_time),
    MEMBER(frame, pid_namespace_start),
    MEMBER(frame, cap_inheritable),
    MEMBER(frame, cap_permitted),
    MEMBER(frame, cap_effective),
    MEMBER(frame, comm),
    MEMBER(frame, args),
    MEMBER(frame, extra),
    MEMBER(frame, fd_inode),
    MEMBER(frame, fd_device),
    MEMBER(frame, fd_magic),
    MEMBER(frame, fd_mode),
    MEMBER(frame, fd_flags),
    MEMBER(frame, socket_role),
    MEMBER(frame, socket_family),
    MEMBER(frame, socket_protocol),
    MEMBER(frame, socket_state),
    MEMBER(frame, socket_local_port),
    MEMBER(frame, socket_remote_port),
    MEMBER(frame, socket_type),
    MEMBER(frame, socket_local),
    MEMBER(frame, socket_remote),
    MEMBER(frame, sections),
    SIZE(frame_image),
    MEMBER(frame_image, inode),
    MEMBER(frame_image, ctime),
    MEMBER(frame_image, mtime),
    MEMBER(frame_image, fd_limit),
    MEMBER(frame_image, major_faults),
    MEMBER(frame_image, minor_faults),
    MEMBER(frame_image, vm_size),
    MEMBER(frame_image, vm_rss),
    MEMBER(frame_image, vm_swap),
    MEMBER(frame_image, flags),
    NUMBER(SECTION_CGROUP),
    NUMBER(SECTION_PATH0_RAW),
    NUMBER(SECTION_PATH0_BASE),
    NUMBER(SECTION_PATH0_REAL),
    NUMBER(SECTION_PATH1_RAW),
    NUMBER(SECTION_PATH1_BASE),
    NUMBER(SECTION_PATH1_REAL),
    NUMBER(SECTION_FD_PATH),
    NUMBER(SECTION_EXE_PATH),
    NUMBER(SECTION_CWD),
    NUMBER(SECTION_ARGS),
    NUMBER(SECTION_ENV),
    NUMBER(SECTION_SOCKADDR),
    NUMBER(SECTION_DATA),
    NUMBER(SECTION_TEXT),
    NUMBER(SECTION_UNIX_LOCAL),
    NUMBER(SECTION_UNIX_REMOTE),
    NUMBER(SECTION_IMAGE),
    NUMBER(SECTION_COUNT),
    NUMBER(MARK_TRUNCATED),
    NUMBER(MARK_IO_URING),
    NUMBER(MARK_COMPAT),
    NUMBER(MARK_READ_FAULT),
    NUMBER(MARK_FD),
    NUMBER(FD_CREATED),
    NUMBER(FD_CONNECTED),
    NUMBER(FD_NAME_CHANGED),
    NUMBER(FD_UPPER_LAYER),
    NUMBER(FD_LOWER_LAYER),
    NUMBER(ROLE_CLIENT),
    NUMBER(ROLE_SERVER),
    NUMBER(IMAGE_WRITABLE),
    NUMBER(IMAGE_UPPER_LAYER),
    NUMBER(IMAGE_FROM_MEMFD),
    NUMBER(IMAGE_LOWER_LAYER),
    NUMBER(CGROUP_UNIFIED),
    NUMBER(CGROUP_MEMORY),
    NUMBER(CGROUP_PIDS),
    NUMBER(CGROUP_DEVICES),
    NUMBER(CGROUP_CPU),
    SIZE(settings),
    MEMBER(settings, cgroup_hierarchy),
    MEMBER(settings, max_args),
    MEMBER(settings, max_env),
    MEMBER(settings, max_data),
    SIZE(control),
    MEMBER(control, generation),
    MEMBER(control, ignored_count),
    MEMBER(control, ignored),
    SIZE(ignored_process),
    MEMBER(ignored_process, pid),
    MEMBER(ignored_process, start_ticks),
    NUMBER(MAX_IGNORED),
    SIZE(type_counters),
    NUMBER(DROP_RING_FULL),
    NUMBER(DROP_SCRATCH_BUSY),
    NUMBER(DROP_READ_FAULT),
    NUMBER(DROP_COUNT),
};

#undef NUMBER
#undef MEMBER
#undef SIZE

}  // namespace probe
