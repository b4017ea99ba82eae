// Logs, in order, what a program does to the files under one directory. For LD_PRELOAD.
//
//   DISKLOG_ROOT         the directory, canonical path
//   DISKLOG_FILE         the log, appended to (outside of the root); absent: nothing is logged
//   DISKLOG_DROP_SYNCS   1: fsync and its kin succeed without being logged or done (the control: losses must show)
//   DISKLOG_LIMIT_FILE   text of a decimal number: the bytes by which files under the root may grow, from the start of
//                        the process; past it writes come up short and then fail with ENOSPC. Read before each growth.
//                        -1: no limit.
//   DISKLOG_KILL_FIFO    a byte in this FIFO is a SIGKILL between two operations: one from outside could come after an
//                        operation and before its record, or in the middle of a record
//
// One record is one write(2) to a descriptor opened O_APPEND, so records of several processes (the driver appends its
// own) are whole and in one order. An operation is done and logged under one lock; the order of the log is the order of
// the operations. Syncs are not done under the lock: a record when one begins, a record when it has succeeded. It
// covers what was logged before it began.
//
// Record: struct record, then the data. Names are canonical absolute paths as far as the directory part goes. What can
// change a file without passing here (writable shared maps, stdio, copies inside the kernel) is logged as BLIND; the
// reader refuses such a log. It also compares the files of a whole log with the real ones, which shows what is
// forgotten here (io_uring, system calls made without libc).

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
  OPEN = 1, CLOSE, DUP, WRITE, TRUNCATE, SYNC_BEGIN, SYNC_END, RENAME, LINK, UNLINK, MKDIR, RMDIR, ALLOCATE, BLIND
};

struct record {
  uint32_t length, kind;  // length of the whole record
  int32_t process, descriptor;
  // WRITE: offset, count. TRUNCATE: size. OPEN: flags, directory or not. DUP: the new descriptor.
  // ALLOCATE: mode, end of the range. SYNC: thread.
  int64_t first, second;
};

#define DESCRIPTORS 65536
static unsigned char tracked[DESCRIPTORS];
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static char root[PATH_MAX];
static size_t root_length;
static int log_descriptor = -1, limit_descriptor = -1, drop_syncs;
static int64_t grown;

// The definition further down the search order: libc's.
#define NEXT(name) ((__typeof__(&name))next_symbol(&next_##name, #name))
static void *next_symbol(void **cache, const char *name) {
  void *found = __atomic_load_n(cache, __ATOMIC_RELAXED);
  if (!found) {
    found = dlsym(RTLD_NEXT, name);
    if (!found) { dprintf(2, "disklog: libc has no %s\n", name); abort(); }
    __atomic_store_n(cache, found, __ATOMIC_RELAXED);
  }
  return found;
}
#define CACHE(name) static void *next_##name

static int out_of_the_way(const char *path, int flags) {
  // By system call: the interposed open() must not run here. A high number, so that the program's own numbering is
  // undisturbed.
  int low = (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0644);
  if (low < 0) { dprintf(2, "disklog: cannot open %s\n", path); abort(); }
  int high = (int)syscall(SYS_fcntl, low, F_DUPFD_CLOEXEC, 900);
  if (high < 0) return low;
  syscall(SYS_close, low);
  return high;
}

static void *wait_for_kill(void *path) {
  char byte;
  int descriptor = (int)syscall(SYS_openat, AT_FDCWD, (char *)path, O_RDONLY | O_CLOEXEC, 0);
  if (descriptor >= 0 && syscall(SYS_read, descriptor, &byte, 1) == 1) {
    pthread_mutex_lock(&lock);
    syscall(SYS_kill, getpid(), SIGKILL);
  }
  return 0;
}

// At exit: whatever other threads still do to files, they do it before their record or not at all.
__attribute__((destructor)) static void end(void) { pthread_mutex_lock(&lock); }

__attribute__((constructor)) static void begin(void) {
  const char *directory = getenv("DISKLOG_ROOT"), *file = getenv("DISKLOG_FILE"), *limit = getenv("DISKLOG_LIMIT_FILE");
  const char *drop = getenv("DISKLOG_DROP_SYNCS");
  if (!directory || strlen(directory) >= sizeof root) return;
  strcpy(root, directory);
  root_length = strlen(root);
  if (file) log_descriptor = out_of_the_way(file, O_WRONLY | O_APPEND | O_CREAT);
  if (limit) limit_descriptor = out_of_the_way(limit, O_RDONLY);
  drop_syncs = drop && drop[0] == '1';
  char *fifo = getenv("DISKLOG_KILL_FIFO");
  if (fifo) {
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);  // the program's signals are not for this thread
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, 0, wait_for_kill, fifo)) abort();
    pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, 0);
  }
}

static int inside(const char *path) {
  return root_length && !strncmp(path, root, root_length) && (path[root_length] == 0 || path[root_length] == '/');
}
static int is_tracked(int descriptor) { return descriptor >= 0 && descriptor < DESCRIPTORS && tracked[descriptor]; }

// Names of one file that the log leaves out: SQLite's shared-memory index, rebuilt after a crash, never synced.
static int is_shared_memory(const char *path) {
  size_t length = strlen(path);
  return length > 4 && !strcmp(path + length - 4, "-shm");
}

static void put(uint32_t kind, int descriptor, int64_t first, int64_t second, const struct iovec *data, int parts) {
  if (log_descriptor < 0) return;
  struct record record = {sizeof record, kind, (int32_t)getpid(), descriptor, first, second};
  struct iovec vectors[IOV_MAX];
  if (parts >= IOV_MAX) { dprintf(2, "disklog: %d parts in one write\n", parts); abort(); }
  vectors[0] = (struct iovec){&record, sizeof record};
  for (int i = 0; i < parts; i++) {
    vectors[i + 1] = data[i];
    record.length += (uint32_t)data[i].iov_len;
  }
  if (syscall(SYS_writev, log_descriptor, vectors, parts + 1) != (long)record.length) {
    dprintf(2, "disklog: the log cannot be written\n");
    abort();  // a log with a gap would prove nothing
  }
}
static void put_text(uint32_t kind, int descriptor, int64_t first, int64_t second, const char *text) {
  struct iovec data = {(void *)text, strlen(text)};
  put(kind, descriptor, first, second, &data, 1);
}
static void put_names(uint32_t kind, int64_t flags, const char *from, const char *to) {
  struct iovec data[2] = {{(void *)from, strlen(from) + 1}, {(void *)to, strlen(to)}};
  put(kind, -1, flags, 0, data, 2);
}

// The canonical name of an entry: its directory resolved, the last part as it is.
static int name_of(int directory, const char *path, char *out) {
  char whole[PATH_MAX], base[PATH_MAX];
  if (!root_length) return 0;
  if (path[0] == '/') {
    if (snprintf(whole, sizeof whole, "%s", path) >= (int)sizeof whole) return 0;
  } else {
    char link[64];
    if (directory == AT_FDCWD) strcpy(link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
    ssize_t length = readlink(link, base, sizeof base - 1);
    if (length < 0) return 0;
    base[length] = 0;
    if (snprintf(whole, sizeof whole, "%s/%s", base, path) >= (int)sizeof whole) return 0;
  }
  size_t length = strlen(whole);
  while (length > 1 && whole[length - 1] == '/') whole[--length] = 0;
  char *slash = strrchr(whole, '/');
  if (!slash) return 0;
  char last[PATH_MAX];
  strcpy(last, slash + 1);
  *slash = 0;
  if (!realpath(slash == whole ? "/" : whole, base)) return 0;
  if (snprintf(out, PATH_MAX, "%s/%s", strcmp(base, "/") ? base : "", last) >= PATH_MAX) return 0;
  return inside(out);
}

// Growth against the limit: the bytes of `count` that may be written at `offset`.
static size_t allowed(int descriptor, off_t offset, size_t count) {
  if (limit_descriptor < 0) return count;
  struct stat status;
  if (fstat(descriptor, &status)) return count;
  int64_t growth = (int64_t)offset + (int64_t)count - (int64_t)status.st_size;
  if (growth <= 0) return count;
  char text[32] = {0};
  if (syscall(SYS_pread64, limit_descriptor, text, sizeof text - 1, 0) <= 0) return count;
  int64_t limit = strtoll(text, 0, 10);
  if (limit >= 0 && grown + growth > limit) {
    int64_t missing = grown + growth - limit;
    if (missing >= (int64_t)count || missing >= growth) return 0;
    count -= (size_t)missing;
    growth -= missing;
  }
  grown += growth;
  return count;
}

// Opening

static int opened(int descriptor, int flags) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return descriptor;
  path[length] = 0;
  struct stat status;
  if (!inside(path) || is_shared_memory(path) || fstat(descriptor, &status)) return descriptor;
  if (descriptor >= DESCRIPTORS) { dprintf(2, "disklog: descriptor %d\n", descriptor); abort(); }
  tracked[descriptor] = 1;
  put_text(OPEN, descriptor, flags, S_ISDIR(status.st_mode), path);
  return descriptor;
}

static int open_logged(int directory, const char *path, int flags, mode_t mode) {
  CACHE(openat64);
  pthread_mutex_lock(&lock);
  int descriptor = NEXT(openat64)(directory, path, flags, mode);
  int error = errno;
  if (descriptor >= 0 && root_length) opened(descriptor, flags);
  pthread_mutex_unlock(&lock);
  errno = error;
  return descriptor;
}

#define MODE(flags, last)                                    \
  mode_t mode = 0;                                           \
  if ((flags) & (O_CREAT | O_TMPFILE)) {                     \
    va_list list;                                            \
    va_start(list, last);                                    \
    mode = (mode_t)va_arg(list, unsigned);                   \
    va_end(list);                                            \
  }
int open(const char *path, int flags, ...) { MODE(flags, flags) return open_logged(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags, flags) return open_logged(AT_FDCWD, path, flags, mode); }
int openat(int d, const char *path, int flags, ...) { MODE(flags, flags) return open_logged(d, path, flags, mode); }
int openat64(int d, const char *path, int flags, ...) { MODE(flags, flags) return open_logged(d, path, flags, mode); }
int __open_2(const char *path, int flags) { return open_logged(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_logged(AT_FDCWD, path, flags, 0); }
int __openat_2(int d, const char *path, int flags) { return open_logged(d, path, flags, 0); }
int __openat64_2(int d, const char *path, int flags) { return open_logged(d, path, flags, 0); }
int creat(const char *path, mode_t mode) { return open_logged(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return open_logged(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

// mkstemp opens inside of libc.
#define TEMPORARY(name, parameters, arguments)                         \
  int name parameters {                                                \
    CACHE(name);                                                       \
    pthread_mutex_lock(&lock);                                         \
    int descriptor = NEXT(name) arguments, error = errno;              \
    if (descriptor >= 0) opened(descriptor, O_CREAT | O_RDWR);      \
    pthread_mutex_unlock(&lock);                                       \
    errno = error;                                                     \
    return descriptor;                                                 \
  }
TEMPORARY(mkstemp, (char *t), (t))
TEMPORARY(mkstemp64, (char *t), (t))
TEMPORARY(mkostemp, (char *t, int flags), (t, flags))
TEMPORARY(mkostemp64, (char *t, int flags), (t, flags))
TEMPORARY(mkstemps, (char *t, int n), (t, n))
TEMPORARY(mkstemps64, (char *t, int n), (t, n))
TEMPORARY(mkostemps, (char *t, int n, int flags), (t, n, flags))
TEMPORARY(mkostemps64, (char *t, int n, int flags), (t, n, flags))

static void blind(const char *how, const char *path) {
  char text[PATH_MAX + 64];
  snprintf(text, sizeof text, "%s %s", how, path);
  put_text(BLIND, -1, 0, 0, text);
}
static void check_stdio(const char *path, const char *mode) {
  char name[PATH_MAX];
  if (strpbrk(mode, "wa+") && name_of(AT_FDCWD, path, name)) blind("stdio", name);
}
FILE *fopen(const char *path, const char *mode) {
  CACHE(fopen);
  check_stdio(path, mode);
  return NEXT(fopen)(path, mode);
}
FILE *fopen64(const char *path, const char *mode) {
  CACHE(fopen64);
  check_stdio(path, mode);
  return NEXT(fopen64)(path, mode);
}
FILE *fdopen(int descriptor, const char *mode) {
  CACHE(fdopen);
  if (is_tracked(descriptor) && strpbrk(mode, "wa+")) blind("stdio", "fdopen");
  return NEXT(fdopen)(descriptor, mode);
}

// Descriptors

int close(int descriptor) {
  CACHE(close);
  if (!is_tracked(descriptor)) return NEXT(close)(descriptor);
  pthread_mutex_lock(&lock);
  tracked[descriptor] = 0;
  put(CLOSE, descriptor, 0, 0, 0, 0);
  int result = NEXT(close)(descriptor), error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}
static void duplicated(int from, int to) {
  if (to < 0 || from == to) return;
  if (is_tracked(to)) {
    tracked[to] = 0;
    put(CLOSE, to, 0, 0, 0, 0);
  }
  if (!is_tracked(from)) return;
  if (to >= DESCRIPTORS) { dprintf(2, "disklog: descriptor %d\n", to); abort(); }
  tracked[to] = 1;
  put(DUP, from, to, 0, 0, 0);
}
#define DUPLICATE(name, parameters, arguments)                         \
  int name parameters {                                                \
    CACHE(name);                                                       \
    pthread_mutex_lock(&lock);                                         \
    int result = NEXT(name) arguments, error = errno;                  \
    duplicated(from, result);                                          \
    pthread_mutex_unlock(&lock);                                       \
    errno = error;                                                     \
    return result;                                                     \
  }
DUPLICATE(dup, (int from), (from))
DUPLICATE(dup2, (int from, int to), (from, to))
DUPLICATE(dup3, (int from, int to, int flags), (from, to, flags))

#define FCNTL(name)                                                                \
  int name(int descriptor, int command, ...) {                                     \
    CACHE(name);                                                                   \
    va_list list;                                                                  \
    va_start(list, command);                                                       \
    void *argument = va_arg(list, void *);                                         \
    va_end(list);                                                                  \
    if (command != F_DUPFD && command != F_DUPFD_CLOEXEC)                          \
      return NEXT(name)(descriptor, command, argument);                            \
    pthread_mutex_lock(&lock);                                                     \
    int result = NEXT(name)(descriptor, command, argument), error = errno;         \
    duplicated(descriptor, result);                                                \
    pthread_mutex_unlock(&lock);                                                   \
    errno = error;                                                                 \
    return result;                                                                 \
  }
FCNTL(fcntl)
FCNTL(fcntl64)

// Writing

// Writes at `offset`, or at the file's position when `offset` is negative. All kinds of write end here.
static ssize_t write_logged(int descriptor, const struct iovec *data, int parts, off_t offset) {
  pthread_mutex_lock(&lock);
  size_t count = 0;
  for (int i = 0; i < parts; i++) count += data[i].iov_len;
  off_t at = offset;
  if (offset < 0) {
    int flags = (int)syscall(SYS_fcntl, descriptor, F_GETFL);
    at = lseek64(descriptor, 0, flags & O_APPEND ? SEEK_END : SEEK_CUR);
  }
  size_t room = allowed(descriptor, at, count);
  ssize_t result;
  int error = ENOSPC;
  struct iovec cut;
  if (room < count) {  // a full disk: the part of the first piece that fits, or nothing
    cut = (struct iovec){data[0].iov_base, data[0].iov_len < room ? data[0].iov_len : room};
    data = &cut;
    parts = 1;
  }
  if (count && !room) {
    result = -1;
  } else {
    result = offset < 0 ? syscall(SYS_writev, descriptor, data, parts)
                        : syscall(SYS_pwritev, descriptor, data, parts, (long)at, 0L);
    error = errno;
  }
  if (result > 0) {
    struct iovec done[IOV_MAX];
    size_t left = (size_t)result;
    int used = 0;
    for (; used < parts && left; used++) {
      done[used] = data[used];
      if (done[used].iov_len > left) done[used].iov_len = left;
      left -= done[used].iov_len;
    }
    put(WRITE, descriptor, at, result, done, used);
  }
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  CACHE(write);
  if (!is_tracked(descriptor)) return NEXT(write)(descriptor, bytes, count);
  struct iovec data = {(void *)bytes, count};
  return write_logged(descriptor, &data, 1, -1);
}
ssize_t writev(int descriptor, const struct iovec *data, int parts) {
  CACHE(writev);
  return is_tracked(descriptor) ? write_logged(descriptor, data, parts, -1) : NEXT(writev)(descriptor, data, parts);
}
#define PWRITE(name)                                                                     \
  ssize_t name(int descriptor, const void *bytes, size_t count, off_t offset) {          \
    CACHE(name);                                                                         \
    if (!is_tracked(descriptor)) return NEXT(name)(descriptor, bytes, count, offset);    \
    struct iovec data = {(void *)bytes, count};                                          \
    return write_logged(descriptor, &data, 1, offset);                                   \
  }
PWRITE(pwrite)
PWRITE(pwrite64)
#define PWRITEV(name)                                                                    \
  ssize_t name(int descriptor, const struct iovec *data, int parts, off_t offset) {      \
    CACHE(name);                                                                         \
    if (!is_tracked(descriptor)) return NEXT(name)(descriptor, data, parts, offset);     \
    return write_logged(descriptor, data, parts, offset);                                \
  }
PWRITEV(pwritev)
PWRITEV(pwritev64)
#define PWRITEV2(name)                                                                          \
  ssize_t name(int descriptor, const struct iovec *data, int parts, off_t offset, int flags) {  \
    CACHE(name);                                                                                \
    if (!is_tracked(descriptor)) return NEXT(name)(descriptor, data, parts, offset, flags);     \
    return write_logged(descriptor, data, parts, offset);                                       \
  }
PWRITEV2(pwritev2)
PWRITEV2(pwritev64v2)

static int resized(int descriptor, off_t size, int (*change)(int, off_t)) {
  pthread_mutex_lock(&lock);
  int result = change(descriptor, size), error = errno;  // growth is a hole here and takes no space: no limit
  if (!result) put(TRUNCATE, descriptor, size, 0, 0, 0);
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}
#define FTRUNCATE(name)                                                    \
  int name(int descriptor, off_t size) {                                   \
    CACHE(name);                                                           \
    if (!is_tracked(descriptor)) return NEXT(name)(descriptor, size);      \
    return resized(descriptor, size, NEXT(name));                          \
  }
FTRUNCATE(ftruncate)
FTRUNCATE(ftruncate64)
#define TRUNCATE_PATH(name)                                      \
  int name(const char *path, off_t size) {                       \
    char full[PATH_MAX];                                         \
    CACHE(name);                                                 \
    if (name_of(AT_FDCWD, path, full)) blind("truncate", full);  \
    return NEXT(name)(path, size);                               \
  }
TRUNCATE_PATH(truncate)
TRUNCATE_PATH(truncate64)

static int allocate_logged(int descriptor, int mode, off_t offset, off_t length) {
  CACHE(fallocate64);
  pthread_mutex_lock(&lock);
  int result = -1, error = ENOSPC;
  if (allowed(descriptor, offset, (size_t)length) == (size_t)length) {
    result = NEXT(fallocate64)(descriptor, mode, offset, length);
    error = errno;
    if (!result) put(ALLOCATE, descriptor, mode, offset + length, 0, 0);
  }
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}
#define FALLOCATE(name)                                                                     \
  int name(int descriptor, int mode, off_t offset, off_t length) {                          \
    CACHE(name);                                                                            \
    if (!is_tracked(descriptor)) return NEXT(name)(descriptor, mode, offset, length);       \
    return allocate_logged(descriptor, mode, offset, length);                               \
  }
FALLOCATE(fallocate)
FALLOCATE(fallocate64)
#define POSIX_FALLOCATE(name)                                                               \
  int name(int descriptor, off_t offset, off_t length) {                                    \
    CACHE(name);                                                                            \
    if (!is_tracked(descriptor)) return NEXT(name)(descriptor, offset, length);             \
    return allocate_logged(descriptor, 0, offset, length) ? errno : 0;                      \
  }
POSIX_FALLOCATE(posix_fallocate)
POSIX_FALLOCATE(posix_fallocate64)

// Syncing

static int synced(int descriptor, int (*sync)(int)) {
  if (drop_syncs) return 0;
  pthread_mutex_lock(&lock);
  put(SYNC_BEGIN, descriptor, gettid(), 0, 0, 0);
  pthread_mutex_unlock(&lock);
  int result = sync(descriptor), error = errno;
  if (!result) {
    pthread_mutex_lock(&lock);
    put(SYNC_END, descriptor, gettid(), 0, 0, 0);
    pthread_mutex_unlock(&lock);
  }
  errno = error;
  return result;
}
#define SYNC(name)                                                             \
  int name(int descriptor) {                                                   \
    CACHE(name);                                                               \
    return is_tracked(descriptor) ? synced(descriptor, NEXT(name)) : NEXT(name)(descriptor); \
  }
SYNC(fsync)
SYNC(fdatasync)
// sync, syncfs and sync_file_range promise more or less than fsync; whoever relies on them must teach the reader their
// meaning first.
void sync(void) {
  CACHE(sync);
  if (root_length) blind("sync", "");
  NEXT(sync)();
}
int syncfs(int descriptor) {
  CACHE(syncfs);
  if (is_tracked(descriptor)) blind("syncfs", "");
  return NEXT(syncfs)(descriptor);
}
// sync_file_range starts writing back and promises nothing: no record, as if it were not called.

// Names

#define CHANGE(action, logged)                 \
  pthread_mutex_lock(&lock);                   \
  int result = action, error = errno;          \
  if (!result) { logged; }                     \
  pthread_mutex_unlock(&lock);                 \
  errno = error;                               \
  return result;

static int renamed(int a, const char *from, int b, const char *to, unsigned flags) {
  CACHE(renameat2);
  char first[PATH_MAX], second[PATH_MAX];
  // Named before the change: afterwards a directory part may no longer resolve.
  int in = name_of(a, from, first), out = name_of(b, to, second);
  CHANGE(NEXT(renameat2)(a, from, b, to, flags),
         if (in && out) put_names(RENAME, flags, first, second);
         else if (in || out) blind("rename across the root", from))
}
int rename(const char *from, const char *to) { return renamed(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int a, const char *from, int b, const char *to) { return renamed(a, from, b, to, 0); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) { return renamed(a, from, b, to, flags); }

static int linked(int a, const char *from, int b, const char *to, int flags) {
  CACHE(linkat);
  char first[PATH_MAX], second[PATH_MAX];
  int in = name_of(a, from, first), out = name_of(b, to, second);
  CHANGE(NEXT(linkat)(a, from, b, to, flags),
         if (in && out) put_names(LINK, 0, first, second); else if (out) blind("link from outside", second))
}
int link(const char *from, const char *to) { return linked(AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int a, const char *from, int b, const char *to, int flags) { return linked(a, from, b, to, flags); }
int symlink(const char *target, const char *path) {
  CACHE(symlink);
  char full[PATH_MAX];
  if (name_of(AT_FDCWD, path, full)) blind("symlink", full);
  return NEXT(symlink)(target, path);
}

static int unlinked(int directory, const char *path, int flags) {
  CACHE(unlinkat);
  char full[PATH_MAX];
  int in = name_of(directory, path, full) && !is_shared_memory(full);
  CHANGE(NEXT(unlinkat)(directory, path, flags),
         if (in) put_text(flags & AT_REMOVEDIR ? RMDIR : UNLINK, -1, 0, 0, full))
}
int unlink(const char *path) { return unlinked(AT_FDCWD, path, 0); }
int unlinkat(int directory, const char *path, int flags) { return unlinked(directory, path, flags); }
int rmdir(const char *path) { return unlinked(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
  int result = unlinked(AT_FDCWD, path, 0);
  return result && errno == EISDIR ? unlinked(AT_FDCWD, path, AT_REMOVEDIR) : result;
}

static int made(int directory, const char *path, mode_t mode) {
  CACHE(mkdirat);
  char full[PATH_MAX];
  int in = name_of(directory, path, full);
  CHANGE(NEXT(mkdirat)(directory, path, mode), if (in) put_text(MKDIR, -1, 0, 0, full))
}
int mkdir(const char *path, mode_t mode) { return made(AT_FDCWD, path, mode); }
int mkdirat(int directory, const char *path, mode_t mode) { return made(directory, path, mode); }

// What passes by

static void check_map(int protection, int flags, int descriptor) {
  if (is_tracked(descriptor) && (flags & MAP_TYPE) != MAP_PRIVATE && protection & PROT_WRITE)
    blind("writable shared map", "");
}
void *mmap(void *at, size_t length, int protection, int flags, int descriptor, off_t offset) {
  CACHE(mmap);
  check_map(protection, flags, descriptor);
  return NEXT(mmap)(at, length, protection, flags, descriptor, offset);
}
void *mmap64(void *at, size_t length, int protection, int flags, int descriptor, off_t offset) {
  CACHE(mmap64);
  check_map(protection, flags, descriptor);
  return NEXT(mmap64)(at, length, protection, flags, descriptor, offset);
}
ssize_t copy_file_range(int in, off64_t *a, int out, off64_t *b, size_t count, unsigned flags) {
  CACHE(copy_file_range);
  if (is_tracked(out)) blind("copy_file_range", "");
  return NEXT(copy_file_range)(in, a, out, b, count, flags);
}
ssize_t sendfile64(int out, int in, off64_t *offset, size_t count) {
  CACHE(sendfile64);
  if (is_tracked(out)) blind("sendfile", "");
  return NEXT(sendfile64)(out, in, offset, count);
}
ssize_t sendfile(int out, int in, off_t *offset, size_t count) {
  CACHE(sendfile);
  if (is_tracked(out)) blind("sendfile", "");
  return NEXT(sendfile)(out, in, offset, count);
}
