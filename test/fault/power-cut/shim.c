/*
 * Preloaded into a process, records in order what it does to the files below one folder: POWER_CUT_FOLDER; the record goes to
 * POWER_CUT_RECORD, outside of it. Each entry is a line "<operation> <numbers…> <length of what follows>\n" and then that many bytes.
 * What is written through a mapping is not seen, nor need it be: the store uses none.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[4096];
static size_t folder_length;
static int record = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
enum { most = 4096 };
/* The inode a descriptor was opened with, so that a number given away again is not taken for it. */
static ino_t inodes[most];

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("POWER_CUT_FOLDER"), *to = getenv("POWER_CUT_RECORD");
  if (!path || !to) return;
  strncpy(folder, path, sizeof folder - 1);
  folder_length = strlen(folder);
  record = (int)syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  unsetenv("LD_PRELOAD");
}

static int below(const char *path) {
  return record >= 0 && path && strncmp(path, folder, folder_length) == 0 && (path[folder_length] == '/' || path[folder_length] == 0);
}

/* In one piece, because others may write to the record as well. */
static void note(const char *head, const void *data, size_t size) {
  char line[256];
  size_t length = (size_t)snprintf(line, sizeof line, "%s %zu\n", head, size);
  struct iovec parts[2] = {{line, length}, {(void *)data, size}};
  if (syscall(SYS_writev, record, parts, 2) != (long)(length + size)) abort();
}

static void note_path(const char *operation, const char *path) {
  note(operation, path + folder_length, strlen(path) - folder_length);
}

static void note_paths(const char *operation, const char *from, const char *to) {
  char both[8192];
  int size = snprintf(both, sizeof both, "%s%c%s", from + folder_length, 0, to + folder_length);
  note(operation, both, (size_t)size);
}

static int tracked(int fd) {
  struct stat found;
  return fd >= 0 && fd < most && inodes[fd] != 0 && fstat(fd, &found) == 0 && found.st_ino == inodes[fd];
}

#define begin pthread_mutex_lock(&lock)
#define end                           \
  do {                                \
    int kept = errno;                 \
    pthread_mutex_unlock(&lock);      \
    errno = kept;                     \
  } while (0)

static int opened(const char *path, int flags, mode_t mode) {
  begin;
  int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
  if (fd >= 0 && fd < most) {
    struct stat found;
    inodes[fd] = 0;
    if (below(path) && fstat(fd, &found) == 0) {
      char head[64];
      inodes[fd] = found.st_ino;
      snprintf(head, sizeof head, "open %d %d %d", fd, (flags & O_TRUNC) != 0, S_ISDIR(found.st_mode));
      note_path(head, path);
    }
  }
  end;
  return fd;
}

#define open_as(name)                                      \
  int name(const char *path, int flags, ...) {             \
    va_list list;                                          \
    va_start(list, flags);                                 \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(list, mode_t) : 0; \
    va_end(list);                                          \
    return opened(path, flags, mode);                      \
  }
open_as(open) open_as(open64)

static ssize_t noted_write(int fd, const void *data, ssize_t done, off_t at) {
  if (done > 0 && tracked(fd)) {
    char head[64];
    snprintf(head, sizeof head, "write %d %lld", fd, (long long)at);
    note(head, data, (size_t)done);
  }
  return done;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) {
  begin;
  ssize_t done = noted_write(fd, data, syscall(SYS_pwrite64, fd, data, size, at), at);
  end;
  return done;
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return pwrite64(fd, data, size, at); }

/* A handler of a signal writes to a pipe, and the signal may come to the thread that holds the lock. */
ssize_t write(int fd, const void *data, size_t size) {
  if (!tracked(fd)) return syscall(SYS_write, fd, data, size);
  begin;
  ssize_t done = syscall(SYS_write, fd, data, size);
  if (done > 0 && tracked(fd)) noted_write(fd, data, done, lseek(fd, 0, SEEK_CUR) - done);
  end;
  return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (!tracked(fd)) return syscall(SYS_writev, fd, parts, count);
  ssize_t all = 0;
  for (int i = 0; i < count; i++) {
    ssize_t done = write(fd, parts[i].iov_base, parts[i].iov_len);
    if (done < 0) return all > 0 ? all : done;
    all += done;
    if ((size_t)done < parts[i].iov_len) break;
  }
  return all;
}

/* Nothing of ours uses them on these files; a way around the record must not go unnoticed. */
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  if (tracked(fd)) abort();
  return syscall(SYS_pwritev, fd, parts, count, at, 0);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t at) { return pwritev(fd, parts, count, at); }

#define on_descriptor(name, parameters, call, operation, format, ...)    \
  int name parameters {                                                  \
    begin;                                                               \
    int done = (int)syscall call;                                        \
    if (done == 0 && tracked(fd)) {                                      \
      char head[64];                                                     \
      snprintf(head, sizeof head, format, operation, fd, ##__VA_ARGS__); \
      note(head, "", 0);                                                 \
    }                                                                    \
    end;                                                                 \
    return done;                                                         \
  }
on_descriptor(fsync, (int fd), (SYS_fsync, fd), "sync", "%s %d")
on_descriptor(fdatasync, (int fd), (SYS_fdatasync, fd), "sync", "%s %d")
on_descriptor(ftruncate64, (int fd, off_t size), (SYS_ftruncate, fd, size), "truncate", "%s %d %lld", (long long)size)
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

#define on_path(name, parameters, call, operation)          \
  int name parameters {                                     \
    begin;                                                  \
    int done = (int)syscall call;                           \
    if (done == 0 && below(path)) note_path(operation, path); \
    end;                                                    \
    return done;                                            \
  }
on_path(unlink, (const char *path), (SYS_unlinkat, AT_FDCWD, path, 0), "unlink")
on_path(rmdir, (const char *path), (SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR), "rmdir")
on_path(mkdir, (const char *path, mode_t mode), (SYS_mkdirat, AT_FDCWD, path, mode), "mkdir")

int rename(const char *from, const char *to) {
  begin;
  int done = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  if (done == 0 && below(from) && below(to)) note_paths("rename", from, to);
  end;
  return done;
}

int link(const char *from, const char *to) {
  begin;
  int done = (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
  if (done == 0 && below(from) && below(to)) note_paths("link", from, to);
  end;
  return done;
}
